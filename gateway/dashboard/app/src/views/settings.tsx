import { useState } from "react";
import { Link } from "wouter";
import { ask } from "../api/client";
import { graphql } from "../api/graphql";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Checks } from "../setup/checks";
import { Options } from "../setup/options";
import { SyncPlan } from "../setup/plan";
import { StatusRoles } from "../setup/roles";
import { Button, Dialog, Empty, Head, Tabs, TextField, useAction } from "../ui/kit";
import { useAddress } from "../ui/query";
import { State } from "../ui/state";

const Pause = graphql(`
  mutation Pause($input: PauseIntegrationInput!) {
    pauseIntegration(input: $input) { integration { id state } userErrors { code message nextStep } }
  }
`);

const Resume = graphql(`
  mutation Resume($input: ResumeIntegrationInput!) {
    resumeIntegration(input: $input) { integration { id state } userErrors { code message nextStep } }
  }
`);

export function SettingsView() {
  const { t } = useWords();
  const session = useSession();
  const [params, change] = useAddress();
  const integration = session.integration;
  const admin = session.can("SETUP");
  const tab = params.get("tab") ?? "options";
  if (!integration)
    return (
      <>
        <Head title={t("nav.settings")} />
        <Empty title={t("overview.nothing")} icon="setup">
          {admin && <Link href="/setup?new=1" className="button primary">{t("setup.begin")}</Link>}
        </Empty>
      </>
    );
  return (
    <>
      <Head title={t("nav.settings")} sub={<span className="row">{integration.name} <State group="integration" value={integration.state} /></span>}>
        {session.can("SYNC") && <PauseButton />}
        {admin && integration.state === "SETUP" && <Link href="/setup" className="button primary">{t("setup.goOn")}</Link>}
        {admin && <Link href="/setup?new=1" className="button">{t("setup.another")}</Link>}
      </Head>
      <div className="stack">
        <Tabs
          label={t("nav.settings")}
          value={tab}
          onChange={(next) => change({ tab: next === "options" ? null : next })}
          tabs={[["options", t("setup.options")], ["roles", t("setup.roles")], ...(admin ? ([["checks", t("setup.checks")], ["plan", t("setup.plan")]] as [string, string][]) : [])]}
        />
        {tab === "roles" ? (
          <StatusRoles integration={integration.id} disabled={!admin} />
        ) : tab === "checks" && admin ? (
          <Checks integration={integration.id} />
        ) : tab === "plan" && admin ? (
          <SyncPlan integration={integration.id} />
        ) : (
          <Options integration={integration.id} disabled={!admin} saved={() => void session.refresh()} />
        )}
      </div>
    </>
  );
}

function PauseButton() {
  const { t } = useWords();
  const session = useSession();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const integration = session.integration;
  const paused = integration?.state === "PAUSED";
  const [turn, busy] = useAction(
    async () => {
      const integrationId = integration?.id ?? "";
      return paused
        ? (await ask(Resume, { input: { integrationId } })).resumeIntegration
        : (await ask(Pause, { input: { integrationId, reason } })).pauseIntegration;
    },
    {
      after: () => {
        setAsking(false);
        void session.refresh();
      },
    },
  );
  if (!integration || integration.state === "SETUP") return null;
  if (paused)
    return (
      <Button icon="play" kind="primary" busy={busy} onClick={() => void turn()}>
        {t("settings.resume")}
      </Button>
    );
  return (
    <>
      <Button icon="pause" onClick={() => setAsking(true)}>
        {t("settings.pause")}
      </Button>
      {asking && (
        <Dialog
          title={t("settings.pause")}
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>{t("action.cancel")}</Button>
              <Button kind="primary" busy={busy} onClick={() => void turn()}>
                {t("settings.pause")}
              </Button>
            </>
          }
        >
          <p>{t("settings.pauseText")}</p>
          <TextField label={t("column.reason")} value={reason} onChange={setReason} autoFocus />
        </Dialog>
      )}
    </>
  );
}
