import { useState } from "react";
import { useLocation } from "wouter";
import { ask } from "../api/client";
import { graphql, type ResultOf } from "../api/graphql";
import { useData } from "../api/hooks";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Button, Note, Panel, Ready, TextField, useAction, useToast } from "../ui/kit";
import { asFailed } from "../api/hooks";
import { CurrentRun } from "../views/runs";

const Start = graphql(`
  mutation FirstSync($input: StartSyncInput!) {
    startSync(input: $input) { run { id } userErrors { code message nextStep } }
  }
`);

const Open = graphql(`
  query OpenIssues($id: ID) {
    issues(integrationId: $id, filter: { open: true }, first: 50) { totalCount nodes { id title cause nextStep } }
  }
`);

const Activate = graphql(`
  mutation Activate($input: ActivateIntegrationInput!) {
    activateIntegration(input: $input) { integration { id state } userErrors { code message nextStep } }
  }
`);

/** The initial sync of customers, products and projects, with its errors as they happen. */
export function FirstSync({ integration }: { integration: string }) {
  const { t } = useWords();
  const open = useData(Open, { id: integration }, { on: ["ISSUE", "RUN"] });
  const [start, busy] = useAction(async () => (await ask(Start, { input: { integrationId: integration, full: true } })).startSync, {
    done: t("runs.started"),
  });
  return (
    <div className="stack">
      <Panel title={t("first.title")} tools={<Button kind="primary" icon="run" busy={busy} onClick={() => void start()}>{t("first.start")}</Button>}>
        <p className="muted">{t("first.text")}</p>
      </Panel>
      <CurrentRun />
      <Ready from={open}>
        {({ issues }) =>
          issues.totalCount === 0 ? (
            <Note tone="ok">{t("first.noErrors")}</Note>
          ) : (
            <Panel title={t("first.errors", { count: issues.totalCount })}>
              <ul className="stack">
                {issues.nodes.map((one) => (
                  <li key={one.id}>
                    <p className="strong">{one.title}</p>
                    <p>{one.cause}</p>
                    <p className="muted">{one.nextStep}</p>
                  </li>
                ))}
              </ul>
            </Panel>
          )
        }
      </Ready>
    </div>
  );
}

type Refusal = ResultOf<typeof Activate>["activateIntegration"]["userErrors"][number];

/** Automatic mode, or every reason that still stands in the way. */
export function Automatic({ integration }: { integration: string }) {
  const { t } = useWords();
  const session = useSession();
  const say = useToast();
  const [, go] = useLocation();
  const [from, setFrom] = useState(new Date().toISOString().slice(0, 10));
  const [reasons, setReasons] = useState<readonly Refusal[]>([]);
  const [busy, setBusy] = useState(false);
  const activate = async () => {
    setBusy(true);
    try {
      const answer = (await ask(Activate, { input: { integrationId: integration, startFrom: from } })).activateIntegration;
      setReasons(answer.userErrors);
      if (answer.userErrors.length === 0) {
        say({ tone: "ok", text: t("activate.done") });
        await session.refresh();
        go("/");
      }
    } catch (error) {
      say({ tone: "bad", text: asFailed(error).message });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <Panel title={t("activate.title")}>
        <div className="form">
          <p>{t("activate.text")}</p>
          <TextField label={t("setting.startFrom")} hint={t("setting.startFrom.hint")} type="date" value={from} onChange={setFrom} required />
          <div className="row">
            <Button kind="primary" icon="play" busy={busy} onClick={() => void activate()}>
              {t("activate.go")}
            </Button>
          </div>
        </div>
      </Panel>
      {reasons.length > 0 && (
        <div role="alert">
          <Panel title={t("activate.reasons", { count: reasons.length })}>
            <ul className="stack">
              {reasons.map((one) => (
                <li key={`${one.code}${one.message}`}>
                  <p className="strong">{one.message}</p>
                  <p className="muted">{one.nextStep}</p>
                </li>
              ))}
            </ul>
          </Panel>
        </div>
      )}
    </div>
  );
}
