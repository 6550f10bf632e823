import { Link } from "wouter";
import { graphql } from "../api/graphql";
import { usePages } from "../api/hooks";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Empty, Head, Moment, Panel, Tabs } from "../ui/kit";
import { useAddress } from "../ui/query";
import { SideTag, State } from "../ui/state";
import { LongTable } from "../ui/table";
import { pathOf } from "./records";
import { withoutTime } from "./way";

const Audit = graphql(`
  query Audit($integration: ID, $first: Int, $after: String) {
    auditLog(integrationId: $integration, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id actor action subject at }
    }
  }
`);

const Attempts = graphql(`
  query Attempts($integration: ID, $first: Int, $after: String) {
    attempts(integrationId: $integration, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id side operation purpose state outcome startedAt record { __typename id } }
    }
  }
`);

/** What the gateway wrote to the outside, and what people and keys did here. */
export function Log() {
  const { t } = useWords();
  const session = useSession();
  const [params, change] = useAddress();
  const people = session.can("KEYS") && params.get("tab") === "people";
  return (
    <>
      <Head title={t("nav.log")} sub={people ? t("log.people") : t("log.writes")} />
      <div className="stack">
        {session.can("KEYS") && (
          <Tabs label={t("nav.log")} value={people ? "people" : "writes"} onChange={(next) => change({ tab: next === "people" ? next : null })} tabs={[["writes", t("log.writesShort")], ["people", t("log.peopleShort")]]} />
        )}
        {people ? <People /> : <Writes />}
      </div>
    </>
  );
}

function Writes() {
  const { t, word } = useWords();
  const session = useSession();
  const pages = usePages(Attempts, { integration: session.integration?.id }, (data) => data.attempts, { on: ["RUN", "INVOICE"] });
  return (
    <Panel flush>
      <LongTable
        label={t("log.writes")}
        pages={pages}
        keyOf={(row) => row.id}
        rowHeight={54}
        empty={<Empty title={t("log.none")} icon="log" />}
        columns={[
          { id: "at", title: t("column.when"), width: 190, wide: true, cell: (row) => <Moment at={row.startedAt} /> },
          { id: "side", title: t("column.to"), width: 120, wide: true, cell: (row) => <SideTag side={row.side} /> },
          { id: "what", title: t("column.what"), cell: (row) => <>{row.record ? <Link href={pathOf(row.record.__typename, row.record.id)}>{word("purpose", row.purpose)}</Link> : word("purpose", row.purpose)}<span className="sub mono">{row.operation}</span></> },
          { id: "state", title: t("column.state"), width: 130, cell: (row) => <State group="attempt" value={row.state} /> },
          { id: "outcome", title: t("column.outcome"), wide: true, cell: (row) => <span className="small" title={row.outcome}>{withoutTime(row.outcome)}</span> },
        ]}
      />
    </Panel>
  );
}

function People() {
  const { t, word } = useWords();
  const session = useSession();
  const pages = usePages(Audit, { integration: session.integrations.length > 1 ? session.integration?.id : null }, (data) => data.auditLog, { on: ["RUN", "ALL"] });
  return (
    <Panel flush>
      <LongTable
        label={t("log.people")}
        pages={pages}
        keyOf={(row) => row.id}
        empty={<Empty title={t("log.none")} icon="log" />}
        columns={[
          { id: "at", title: t("column.when"), width: 200, cell: (row) => <Moment at={row.at} /> },
          { id: "who", title: t("column.who"), width: 180, cell: (row) => <span className="mono small">{row.actor}</span> },
          { id: "what", title: t("column.what"), cell: (row) => word("audit", row.action) },
          { id: "subject", title: t("column.subject"), wide: true, cell: (row) => <span className="mono small" title={row.subject}>{row.subject}</span> },
        ]}
      />
    </Panel>
  );
}
