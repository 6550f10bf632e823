import { useState } from "react";
import { ask } from "../api/client";
import { graphql, type Enum } from "../api/graphql";
import { useData, usePages } from "../api/hooks";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Ago, Button, Choice, Empty, Head, Note, Panel, Ready, Tabs, useAction } from "../ui/kit";
import { given, useAddress } from "../ui/query";
import { SideTag, State } from "../ui/state";
import { LongTable, ShortTable } from "../ui/table";

const Inbox = graphql(`
  query Inbox($integration: ID, $filter: WebhookEventFilter, $first: Int, $after: String) {
    webhookEvents(integrationId: $integration, filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id side eventId type state receivedAt handledAt reason tries duplicates }
    }
  }
`);

const Held = graphql(`
  query Held($id: ID!) { integration(id: $id) { id webhooksHeld } }
`);

const Replay = graphql(`
  mutation Replay($input: ReplayWebhookEventsInput!) {
    replayWebhookEvents(input: $input) { webhookEvents { id state } userErrors { code message nextStep } }
  }
`);

const Hold = graphql(`
  mutation Hold($input: HoldWebhooksInput!) { holdWebhooks(input: $input) { integration { id } userErrors { code message nextStep } } }
`);

const Drain = graphql(`
  mutation Drain($input: DrainWebhooksInput!) { drainWebhooks(input: $input) { integration { id } userErrors { code message nextStep } } }
`);

const Dead = graphql(`
  query DeadLetters($integration: ID, $first: Int, $after: String) {
    deadLetters(integrationId: $integration, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id kind reason tries createdAt failedAt }
    }
  }
`);

const Again = graphql(`
  mutation ReplayDead($input: ReplayDeadLettersInput!) {
    replayDeadLetters(input: $input) { replayed userErrors { code message nextStep } }
  }
`);

const Subscribers = graphql(`
  query Subscribers($integration: ID) {
    subscribers(integrationId: $integration) { id url events disabledAt disabledReason createdAt }
  }
`);

const Deliveries = graphql(`
  query Deliveries($id: ID!, $first: Int, $after: String) {
    deliveries(subscriberId: $id, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id type state tries status error createdAt deliveredAt }
    }
  }
`);

type EventState = Enum<"WebhookEventState">;
const STATES: EventState[] = ["RECEIVED", "QUEUED", "PROCESSED", "FAILED", "DEAD", "IGNORED"];

export function Webhooks() {
  const { t } = useWords();
  const session = useSession();
  const [params, change] = useAddress();
  const admin = session.can("WEBHOOKS");
  const tab = params.get("tab") ?? "inbox";
  return (
    <>
      <Head title={t("nav.webhooks")} sub={t("webhooks.sub")} />
      <div className="stack">
        <Tabs
          label={t("nav.webhooks")}
          value={tab}
          onChange={(next) => change({ tab: next === "inbox" ? null : next })}
          tabs={[["inbox", t("webhooks.inbox")], ["dead", t("webhooks.dead")], ...(admin ? ([["out", t("webhooks.out")]] as [string, string][]) : [])]}
        />
        {tab === "dead" ? <DeadLetters /> : tab === "out" && admin ? <Outgoing /> : <InboxPanel />}
      </div>
    </>
  );
}

function InboxPanel() {
  const { t, word } = useWords();
  const session = useSession();
  const integration = session.integration?.id;
  const [params, change] = useAddress();
  const state = params.get("state") as EventState | null;
  const filter = given({ states: state ? [state] : undefined });
  const pages = usePages(Inbox, { integration, filter }, (data) => data.webhookEvents, { on: ["RUN", "INVOICE", "ALL"] });
  const held = useData(Held, { id: integration ?? "" }, { on: ["RUN"], skip: !integration });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [replay, busy] = useAction(
    async (ids: string[]) => (await ask(Replay, { input: { webhookEventIds: ids } })).replayWebhookEvents,
    {
      done: t("webhooks.replayed"),
      after: () => {
        setChosen(new Set());
        pages.refresh();
      },
    },
  );
  const admin = session.can("WEBHOOKS");
  const holds = held.data?.integration?.webhooksHeld ?? false;
  const [turn, turning] = useAction(
    async () =>
      holds
        ? (await ask(Drain, { input: { integrationId: integration ?? "" } })).drainWebhooks
        : (await ask(Hold, { input: { integrationId: integration ?? "" } })).holdWebhooks,
    { after: held.refresh },
  );
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <div className="stack">
      {holds && <Note tone="wait" icon="pause">{t("webhooks.held")}</Note>}
      <Panel flush>
        <div className="filters">
          <Choice label={t("column.state")} hidden value={state ?? ""} options={[["", t("records.anyState")], ...STATES.map((one): [string, string] => [one, word("webhook", one)])]} onChange={(next) => change({ state: next })} />
          <Button icon="run" kind="quiet" label={t("action.refresh")} onClick={pages.refresh} />
          <span className="grow" />
          {admin && (
            <>
              <Button icon={holds ? "play" : "pause"} busy={turning} onClick={() => void turn()}>
                {holds ? t("webhooks.drain") : t("webhooks.hold")}
              </Button>
              <Button icon="retry" kind="primary" busy={busy} disabled={chosen.size === 0} onClick={() => void replay([...chosen].slice(0, 100))}>
                {chosen.size ? t("webhooks.replay", { count: chosen.size }) : t("webhooks.replayNone")}
              </Button>
            </>
          )}
        </div>
        <LongTable
          label={t("webhooks.inbox")}
          pages={pages}
          keyOf={(row) => row.id}
          selected={(row) => chosen.has(row.id)}
          empty={<Empty title={t("webhooks.none")} icon="webhook" />}
          columns={[
            ...(admin
              ? [{
                  id: "pick",
                  title: <span className="sr">{t("webhooks.pick")}</span>,
                  width: 44,
                  cell: (row: { id: string; type: string; eventId: string }) => (
                    <input type="checkbox" aria-label={`${t("webhooks.pick")} ${row.type} ${row.eventId}`} checked={chosen.has(row.id)} onChange={() => toggle(row.id)} />
                  ),
                }]
              : []),
            { id: "at", title: t("column.received"), width: 130, cell: (row) => <Ago at={row.receivedAt} /> },
            { id: "side", title: t("column.from"), width: 120, wide: true, cell: (row) => <SideTag side={row.side} /> },
            { id: "type", title: t("column.what"), cell: (row) => <span className="mono small" title={row.eventId}>{row.type}</span> },
            { id: "state", title: t("column.state"), width: 130, cell: (row) => <State group="webhook" value={row.state} /> },
            { id: "tries", title: t("column.tries"), width: 70, right: true, wide: true, cell: (row) => <span className="num">{row.tries}</span> },
            { id: "twice", title: t("column.duplicates"), width: 110, right: true, wide: true, cell: (row) => <span className={`num ${row.duplicates ? "" : "muted"}`}>{row.duplicates}</span> },
            { id: "reason", title: t("column.reason"), wide: true, cell: (row) => <span className="small" title={row.reason ?? undefined}>{row.reason}</span> },
          ]}
        />
      </Panel>
    </div>
  );
}

function DeadLetters() {
  const { t } = useWords();
  const session = useSession();
  const pages = usePages(Dead, { integration: session.integration?.id }, (data) => data.deadLetters, { on: ["RUN", "ALL"] });
  const [again, busy] = useAction(async (id: string) => (await ask(Again, { input: { deadLetterIds: [id] } })).replayDeadLetters, {
    done: t("webhooks.replayed"),
    after: pages.refresh,
  });
  return (
    <Panel flush>
      <LongTable
        label={t("webhooks.dead")}
        pages={pages}
        keyOf={(row) => row.id}
        empty={<Empty title={t("dead.none")}><p>{t("dead.noneText")}</p></Empty>}
        columns={[
          { id: "at", title: t("column.when"), width: 140, cell: (row) => <Ago at={row.failedAt ?? row.createdAt} /> },
          { id: "kind", title: t("column.what"), width: 200, cell: (row) => <span className="mono small">{row.kind}</span> },
          { id: "reason", title: t("column.reason"), cell: (row) => <span title={row.reason}>{row.reason}</span> },
          { id: "tries", title: t("column.tries"), width: 80, right: true, wide: true, cell: (row) => <span className="num">{row.tries}</span> },
          { id: "again", title: "", width: 130, right: true, cell: (row) => session.can("SYNC") && <Button icon="retry" busy={busy} onClick={() => void again(row.id)}>{t("action.again")}</Button> },
        ]}
      />
    </Panel>
  );
}

function Outgoing() {
  const { t } = useWords();
  const session = useSession();
  const found = useData(Subscribers, { integration: session.integration?.id });
  const [shown, show] = useState<string>();
  return (
    <Ready from={found}>
      {({ subscribers }) => (
        <div className="stack">
          <Panel flush title={t("webhooks.out")}>
            <ShortTable
              label={t("webhooks.out")}
              rows={subscribers}
              keyOf={(row) => row.id}
              open={(row) => show(row.id)}
              empty={t("webhooks.noSubscribers")}
              columns={[
                { id: "url", title: t("column.address"), cell: (row) => <span className="mono small">{row.url}</span> },
                { id: "events", title: t("column.what"), wide: true, cell: (row) => row.events.join(", ") },
                { id: "state", title: t("column.state"), cell: (row) => (row.disabledAt ? <span className="tone-bad">{row.disabledReason ?? t("no")}</span> : <State group="integration" value="ACTIVE" />) },
                { id: "show", title: "", right: true, cell: (row) => <Button onClick={() => show(row.id)}>{t("webhooks.deliveries")}</Button> },
              ]}
            />
          </Panel>
          {shown && <DeliveryPanel id={shown} />}
        </div>
      )}
    </Ready>
  );
}

function DeliveryPanel({ id }: { id: string }) {
  const { t } = useWords();
  const pages = usePages(Deliveries, { id }, (data) => data.deliveries, { on: ["INVOICE", "RUN"] });
  return (
    <Panel flush title={t("webhooks.deliveries")}>
      <LongTable
        label={t("webhooks.deliveries")}
        pages={pages}
        keyOf={(row) => row.id}
        empty={<Empty title={t("webhooks.none")} icon="webhook" />}
        columns={[
          { id: "at", title: t("column.when"), width: 140, cell: (row) => <Ago at={row.createdAt} /> },
          { id: "type", title: t("column.what"), cell: (row) => <span className="mono small">{row.type}</span> },
          { id: "state", title: t("column.state"), width: 130, cell: (row) => <State group="webhook" value={row.state} /> },
          { id: "status", title: "HTTP", width: 80, right: true, cell: (row) => <span className="num">{row.status}</span> },
          { id: "error", title: t("column.reason"), wide: true, cell: (row) => row.error },
        ]}
      />
    </Panel>
  );
}
