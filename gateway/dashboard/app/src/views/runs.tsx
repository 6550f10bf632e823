import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { ask } from "../api/client";
import { graphql, type ResultOf } from "../api/graphql";
import { useData, usePages } from "../api/hooks";
import { listen, type Run } from "../api/live";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Ago, Button, Check, Dialog, Empty, Head, Moment, Note, Panel, Ready, useAction } from "../ui/kit";
import { State } from "../ui/state";
import { LongTable, ShortTable } from "../ui/table";

const List = graphql(`
  query Runs($integration: ID, $first: Int, $after: String) {
    syncRuns(integrationId: $integration, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id state trigger full queuedAt startedAt finishedAt reason steps { processed created updated failed } }
    }
  }
`);

const One = graphql(`
  query Run($id: ID!) {
    node(id: $id) {
      __typename
      ... on SyncRun {
        id state trigger full entities queuedAt startedAt finishedAt reason
        integration { id name }
        steps { name entity direction state processed total created updated unchanged failed startedAt finishedAt reason }
      }
    }
  }
`);

const Start = graphql(`
  mutation StartSync($input: StartSyncInput!) {
    startSync(input: $input) { run { id state } userErrors { code message nextStep } }
  }
`);

const Cancel = graphql(`
  mutation CancelSync($input: CancelSyncInput!) {
    cancelSync(input: $input) { run { id state } userErrors { code message nextStep } }
  }
`);

/** Starts a sync, of what changed or of everything. */
export function SyncNow() {
  const { t } = useWords();
  const session = useSession();
  const [asking, setAsking] = useState(false);
  const [full, setFull] = useState(false);
  const integration = session.integration;
  const [start, busy] = useAction(
    async () => (await ask(Start, { input: { integrationId: integration?.id ?? "", full } })).startSync,
    { done: t("runs.started"), after: () => setAsking(false) },
  );
  if (!integration || integration.state === "SETUP" || !session.can("SYNC")) return null;
  return (
    <>
      <Button icon="run" onClick={() => setAsking(true)}>
        {t("runs.start")}
      </Button>
      {asking && (
        <Dialog
          title={t("runs.start")}
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>{t("action.cancel")}</Button>
              <Button kind="primary" busy={busy} onClick={() => void start()}>
                {t("runs.startNow")}
              </Button>
            </>
          }
        >
          <p>{t("runs.startText")}</p>
          <Check label={t("runs.full")} checked={full} onChange={setFull} />
        </Dialog>
      )}
    </>
  );
}

/** The run that goes on now, or the last one, step by step as it moves. */
export function CurrentRun() {
  const { t } = useWords();
  const session = useSession();
  const [run, setRun] = useState<Run>();
  const last = useData(List, { integration: session.integration?.id, first: 1, after: null }, { on: ["RUN"] });
  const mine = session.integration?.id;
  useEffect(() => listen(({ run: seen }) => seen && seen.integration.id === mine && setRun(seen)), [mine]);
  const newest = last.data?.syncRuns.nodes[0];
  const shown = run && (!newest || run.queuedAt >= newest.queuedAt) ? run : undefined;
  return (
    <Panel
      title={shown?.state === "RUNNING" || shown?.state === "QUEUED" ? t("runs.now") : t("runs.last")}
      tools={
        <Link href="/runs" className="small">
          {t("runs.all")}
        </Link>
      }
    >
      {shown ? <Steps run={shown} /> : newest ? <Line run={newest} /> : <p className="muted">{t("runs.none")}</p>}
    </Panel>
  );
}

function Line({ run }: { run: { id: string; state: string; finishedAt: string | null; queuedAt: string } }) {
  return (
    <p className="row">
      <State group="run" value={run.state} /> <Ago at={run.finishedAt ?? run.queuedAt} />
    </p>
  );
}

export function Steps({ run }: { run: Run }) {
  const { t, word, number } = useWords();
  const done = run.steps.filter((step) => !["QUEUED", "RUNNING"].includes(step.state)).length;
  const share = run.steps.length ? Math.round((done / run.steps.length) * 100) : 0;
  const over = !["QUEUED", "RUNNING"].includes(run.state);
  const changed = run.steps.filter((step) => step.created || step.updated || step.failed || step.state === "RUNNING" || step.state === "FAILED");
  return (
    <div className="stack">
      <div className="row">
        <State group="run" value={run.state} />
        <span className="muted small">{word("trigger", run.trigger)}</span>
        <span className="small muted grow right">
          <Ago at={run.finishedAt ?? run.startedAt ?? run.queuedAt} />
        </span>
      </div>
      {!over && (
        <div className="bar" role="progressbar" aria-valuenow={share} aria-valuemin={0} aria-valuemax={100} aria-label={t("runs.progress")}>
          <i style={{ width: `${share}%` }} />
        </div>
      )}
      {run.reason && <p className="small">{run.reason}</p>}
      {changed.length > 0 ? (
        <ul className="small">
          {changed.map((step) => (
            <li key={step.name} className="row">
              <span className="grow">
                {word("step", step.name)}
                {step.state === "RUNNING" && <span className="muted"> …</span>}
              </span>
              <span className="num muted">
                {step.created > 0 && `+${number(step.created)} `}
                {step.updated > 0 && `~${number(step.updated)} `}
              </span>
              {step.failed > 0 && <span className="tone-bad num">{t("runs.failed", { count: step.failed })}</span>}
            </li>
          ))}
        </ul>
      ) : (
        over && <p className="small muted">{t("runs.nothingNew")}</p>
      )}
    </div>
  );
}

export function Runs() {
  const { t, word, number } = useWords();
  const session = useSession();
  const [, go] = useLocation();
  const pages = usePages(List, { integration: session.integration?.id }, (data) => data.syncRuns, { on: ["RUN"] });
  return (
    <>
      <Head title={t("nav.runs")} sub={t("runs.sub")}>
        <SyncNow />
      </Head>
      <Panel flush>
        <LongTable
          label={t("nav.runs")}
          pages={pages}
          keyOf={(row) => row.id}
          open={(row) => go(`/runs/${row.id}`)}
          empty={<Empty title={t("runs.none")} icon="run" />}
          columns={[
            { id: "at", title: t("column.when"), width: 190, cell: (row) => <Link href={`/runs/${row.id}`}><Moment at={row.startedAt ?? row.queuedAt} /></Link> },
            { id: "state", title: t("column.state"), width: 190, cell: (row) => <State group="run" value={row.state} /> },
            { id: "trigger", title: t("column.trigger"), width: 130, wide: true, cell: (row) => word("trigger", row.trigger) + (row.full ? ` · ${t("runs.fullShort")}` : "") },
            { id: "took", title: t("column.took"), width: 90, right: true, wide: true, cell: (row) => <Took from={row.startedAt} to={row.finishedAt} /> },
            ...(["created", "updated", "failed"] as const).map((name) => ({
              id: name,
              title: t(`runs.${name}s`),
              width: 95,
              right: true,
              wide: name !== "failed",
              cell: (row: ResultOf<typeof List>["syncRuns"]["nodes"][number]) => {
                const sum = row.steps.reduce((all, step) => all + step[name], 0);
                return <span className={`num ${name === "failed" && sum ? "tone-bad strong" : sum ? "" : "muted"}`}>{number(sum)}</span>;
              },
            })),
            { id: "reason", title: t("column.reason"), wide: true, cell: (row) => <span title={row.reason ?? undefined}>{row.reason}</span> },
          ]}
        />
      </Panel>
    </>
  );
}

function Took({ from, to }: { from: string | null; to: string | null }) {
  const { decimal } = useWords();
  if (!from || !to) return null;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return <span className="num">{decimal(seconds.toFixed(1), 1)} s</span>;
}

export function RunView({ id }: { id: string }) {
  const { t, word, number } = useWords();
  const session = useSession();
  const found = useData(One, { id }, { on: ["RUN"] });
  const [cancel, cancelling] = useAction(async () => (await ask(Cancel, { input: { runId: id } })).cancelSync, { done: t("runs.cancelled") });
  return (
    <Ready from={found}>
      {({ node: run }) => {
        if (run?.__typename !== "SyncRun") return <Empty title={t("unknown.title")} icon="void" />;
        const goes = run.state === "RUNNING" || run.state === "QUEUED";
        return (
          <>
            <Head title={t("runs.title")} sub={<span className="row"><State group="run" value={run.state} /> {word("trigger", run.trigger)} · <Moment at={run.startedAt ?? run.queuedAt} /></span>}>
              {goes && session.can("SYNC") && (
                <Button kind="danger" icon="close" busy={cancelling} onClick={() => void cancel()}>
                  {t("runs.cancel")}
                </Button>
              )}
            </Head>
            <div className="stack">
              {run.reason && <Note tone={run.state === "FAILED" ? "bad" : "info"}>{run.reason}</Note>}
              <Panel title={t("runs.steps")} flush>
                <ShortTable
                  label={t("runs.steps")}
                  rows={run.steps}
                  keyOf={(step) => step.name}
                  columns={[
                    { id: "name", title: t("column.step"), cell: (step) => <span className="strong">{word("step", step.name)}</span> },
                    { id: "state", title: t("column.state"), cell: (step) => <State group="run" value={step.state} /> },
                    { id: "processed", title: t("column.processed"), right: true, cell: (step) => <span className="num">{number(step.processed)}{step.total ? ` / ${number(step.total)}` : ""}</span> },
                    { id: "created", title: t("runs.createds"), right: true, cell: (step) => <Figure value={step.created} /> },
                    { id: "updated", title: t("runs.updateds"), right: true, cell: (step) => <Figure value={step.updated} /> },
                    { id: "unchanged", title: t("runs.unchangeds"), right: true, wide: true, cell: (step) => <Figure value={step.unchanged} /> },
                    { id: "failed", title: t("runs.faileds"), right: true, cell: (step) => <Figure value={step.failed} bad /> },
                    { id: "took", title: t("column.took"), right: true, wide: true, cell: (step) => <Took from={step.startedAt} to={step.finishedAt} /> },
                    { id: "reason", title: t("column.reason"), wide: true, cell: (step) => step.reason },
                  ]}
                />
              </Panel>
            </div>
          </>
        );
      }}
    </Ready>
  );
}

function Figure({ value, bad }: { value: number; bad?: boolean }) {
  const { number } = useWords();
  return <span className={`num ${value ? (bad ? "tone-bad strong" : "") : "muted"}`}>{number(value)}</span>;
}
