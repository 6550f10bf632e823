import { useEffect, useState } from "react";
import { ask } from "../api/client";
import { graphql, type ResultOf } from "../api/graphql";
import { useData } from "../api/hooks";
import { useWords } from "../i18n";
import { Ago, Button, Choice, Dialog, Empty, Field, Note, Panel, Ready, useAction } from "../ui/kit";
import { Icon, type IconName } from "../ui/icons";

const Newest = graphql(`
  query NewestReport($id: ID!) { integration(id: $id) { id state setupReport { id } } }
`);

const Report = graphql(`
  query SetupReport($id: ID!, $integration: ID!) {
    setupReport(id: $id) {
      id state reason startedAt finishedAt createdAt
      checks { id code title subject how state blocking inTheWay cause nextStep checkedAt answer attestedBy attestedAt setAsideBy setAsideReason }
      obstacles { code subject cause nextStep }
    }
    statusRoles(integrationId: $integration) { statusId statusName }
  }
`);

const Test = graphql(`
  mutation TestIntegration($input: TestIntegrationInput!) {
    testIntegration(input: $input) { setupReport { id state } userErrors { code message nextStep } }
  }
`);

const Attest = graphql(`
  mutation AttestSetup($input: AttestSetupInput!) {
    attestSetup(input: $input) { setupReport { id } userErrors { code message nextStep } }
  }
`);

const SetAside = graphql(`
  mutation SetAside($input: SetAsideSetupCheckInput!) {
    setAsideSetupCheck(input: $input) { setupReport { id } userErrors { code message nextStep } }
  }
`);

type Found = NonNullable<ResultOf<typeof Report>["setupReport"]>;
type OneCheck = Found["checks"][number];

const LOOKS: Record<string, [string, IconName]> = {
  PASSED: ["ok", "ok"],
  WARNING: ["wait", "issue"],
  FAILED: ["bad", "bad"],
  UNKNOWN: ["doubt", "doubt"],
  OPEN: ["wait", "pencil"],
};

/** Every precondition with its state, its cause and what to do; checked again by a button. */
export function Checks({ integration }: { integration: string }) {
  const { t } = useWords();
  const newest = useData(Newest, { id: integration });
  const id = newest.data?.integration?.setupReport?.id;
  const [test, testing] = useAction(async () => (await ask(Test, { input: { integrationId: integration } })).testIntegration, {
    after: newest.refresh,
  });
  const again = (
    <Button icon="run" kind={id ? undefined : "primary"} busy={testing} onClick={() => void test()}>
      {id ? t("checks.again") : t("checks.first")}
    </Button>
  );
  return (
    <Ready from={newest}>
      {() => (id ? <ReportView id={id} integration={integration} again={again} /> : <Panel title={t("checks.title")} tools={again}><Empty title={t("checks.none")} icon="setup" /></Panel>)}
    </Ready>
  );
}

function ReportView({ id, integration, again }: { id: string; integration: string; again: React.ReactNode }) {
  const { t } = useWords();
  const [settled, setSettled] = useState(false);
  const found = useData(Report, { id, integration }, { on: ["RUN"], every: settled ? 5000 : 1000 });
  const report = found.data?.setupReport;
  const runs = report?.state === "QUEUED" || report?.state === "RUNNING";
  useEffect(() => setSettled(Boolean(report) && !runs), [report, runs]);
  return (
    <Ready from={found}>
      {(data) => {
        if (!report) return <Empty title={t("checks.none")} icon="setup" />;
        const sorted = [...report.checks].sort((one, other) => rank(one) - rank(other));
        const open = sorted.filter((one) => rank(one) < 4);
        const good = sorted.filter((one) => rank(one) >= 4);
        return (
          <div className="stack">
            {runs && <Note tone="info" icon="run"><span role="status">{t("checks.running")}</span></Note>}
            {report.state === "FAILED" && <Note tone="bad">{report.reason}</Note>}
            {!runs && report.state === "READY" && report.obstacles.length === 0 && <Note tone="ok">{t("checks.clear")}</Note>}
            <Panel title={t("checks.open", { count: open.length })} tools={again}>
              <p className="small muted">{t("checks.at")} <Ago at={report.finishedAt ?? report.createdAt} /></p>
              <CheckList checks={open} integration={integration} statuses={data.statusRoles} refresh={found.refresh} />
              {open.length === 0 && !runs && <Empty title={t("checks.allGood")} />}
            </Panel>
            {good.length > 0 && (
              <Panel>
                <details>
                  <summary>{t("checks.passed", { count: good.length })}</summary>
                  <CheckList checks={good} integration={integration} statuses={data.statusRoles} refresh={found.refresh} />
                </details>
              </Panel>
            )}
          </div>
        );
      }}
    </Ready>
  );
}

/** What stands in the way comes first, then what wants a word, then what is fine. */
function rank(check: OneCheck): number {
  if (check.inTheWay) return { FAILED: 0, UNKNOWN: 1, OPEN: 2 }[check.state as string] ?? 1;
  return check.state === "PASSED" ? 6 : check.setAsideReason || check.attestedAt ? 4 : 3;
}

function CheckList(props: { checks: OneCheck[]; integration: string; statuses: readonly { statusId: string; statusName: string | null }[]; refresh: () => void }) {
  const { t, word } = useWords();
  const [aside, setAside] = useState<OneCheck>();
  const [stating, setStating] = useState<OneCheck>();
  return (
    <>
      <ul className="checks">
        {props.checks.map((check) => {
          const [tone, icon] = LOOKS[check.state] ?? ["idle", "idle"];
          return (
            <li key={check.id} data-check={check.code}>
              <span className={`tone-${tone}`}>
                <Icon name={icon} label={word("check", check.state)} />
              </span>
              <div>
                <p className="strong">
                  {check.title}
                  {check.subject && <span className="muted"> · {check.subject}</span>}
                  {!check.blocking && check.state !== "PASSED" && <span className="tag small"> {t("checks.advice")}</span>}
                </p>
                {check.cause && check.state !== "PASSED" && <p>{check.cause}</p>}
                {check.nextStep && check.state !== "PASSED" && <p className="muted">{check.nextStep}</p>}
                {check.setAsideReason && <p className="small">{t("checks.setAsideBy", { who: check.setAsideBy ?? "", reason: check.setAsideReason })}</p>}
                {check.attestedAt && <p className="small muted">{t("checks.statedBy", { who: check.attestedBy ?? "" })} <Ago at={check.attestedAt} /></p>}
              </div>
              <div className="row">
                {check.how === "ATTEST" && (
                  <Button onClick={() => setStating(check)}>{check.attestedAt ? t("checks.stateAgain") : t("checks.state")}</Button>
                )}
                {check.how !== "ATTEST" && check.inTheWay && <Button kind="quiet" onClick={() => setAside(check)}>{t("checks.setAside")}</Button>}
              </div>
            </li>
          );
        })}
      </ul>
      {aside && <AsideDialog check={aside} close={() => setAside(undefined)} done={props.refresh} />}
      {stating && <StateDialog check={stating} integration={props.integration} statuses={props.statuses} close={() => setStating(undefined)} done={props.refresh} />}
    </>
  );
}

function AsideDialog({ check, close, done }: { check: OneCheck; close: () => void; done: () => void }) {
  const { t } = useWords();
  const [reason, setReason] = useState("");
  const [save, busy] = useAction(async () => (await ask(SetAside, { input: { checkId: check.id, reason } })).setAsideSetupCheck, {
    after: () => {
      done();
      close();
    },
  });
  return (
    <Dialog
      title={t("checks.setAside")}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" busy={busy} disabled={!reason.trim()} onClick={() => void save()}>
            {t("checks.setAside")}
          </Button>
        </>
      }
    >
      <p className="strong">{check.title}</p>
      <p>{check.cause}</p>
      <Field label={t("checks.why")}>{(id) => <textarea id={id} rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />}</Field>
    </Dialog>
  );
}

function StateDialog(props: {
  check: OneCheck;
  integration: string;
  statuses: readonly { statusId: string; statusName: string | null }[];
  close: () => void;
  done: () => void;
}) {
  const { t } = useWords();
  const { check } = props;
  const auto = check.code.startsWith("autoinvoice");
  const [status, setStatus] = useState("");
  const [save, busy] = useAction(
    async () => {
      const answer = !auto ? {} : status ? { statusId: status } : { notUsed: true };
      return (await ask(Attest, { input: { integrationId: props.integration, code: check.code, ...answer } })).attestSetup;
    },
    {
      after: () => {
        props.done();
        props.close();
      },
    },
  );
  return (
    <Dialog
      title={check.title}
      onClose={props.close}
      footer={
        <>
          <Button onClick={props.close}>{t("action.cancel")}</Button>
          <Button kind="primary" busy={busy} onClick={() => void save()}>
            {t("checks.stateNow")}
          </Button>
        </>
      }
    >
      <p>{check.nextStep}</p>
      {auto && (
        <Choice
          label={t("checks.status")}
          value={status}
          options={[["", t("checks.notUsed")], ...props.statuses.map((one): [string, string] => [one.statusId, one.statusName ?? one.statusId])]}
          onChange={setStatus}
        />
      )}
      <p className="small muted">{t("checks.stateText")}</p>
    </Dialog>
  );
}
