import { useState } from "react";
import { Link, useLocation } from "wouter";
import { ask } from "../api/client";
import { graphql, type InvoiceState, type ResultOf, type VariablesOf } from "../api/graphql";
import { type Pages, useData, usePages, useSignals } from "../api/hooks";
import { InvoiceLine } from "../api/live";
import { addDecimals, saveCsv } from "../format";
import { type Key, useWords } from "../i18n";
import { useSession } from "../session";
import { Button, Choice, Dash, Empty, Head, Money, Panel, Search, useAction } from "../ui/kit";
import { Icon } from "../ui/icons";
import { given, useAddress } from "../ui/query";
import { State } from "../ui/state";
import { LongTable, type Order } from "../ui/table";
import { MOVING, STUCK, UNPAID, WAITING } from "./overview";
import { RetryDialog } from "./retry";

const List = graphql(
  `
    query Invoices($integration: ID, $filter: InvoiceFilter, $order: InvoiceOrder, $first: Int, $after: String) {
      invoices(integrationId: $integration, filter: $filter, orderBy: $order, first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { ...InvoiceLine }
      }
    }
  `,
  [InvoiceLine],
);

const Sums = graphql(`
  query InvoiceSums($integration: ID, $filter: InvoiceFilter) {
    invoiceSummary(integrationId: $integration, filter: $filter) { currency count totalIncludingVat balance }
  }
`);

export type Filter = NonNullable<VariablesOf<typeof List>["filter"]>;
type Row = ResultOf<typeof List>["invoices"]["nodes"][number];
type Field = NonNullable<VariablesOf<typeof List>["order"]>["field"];

const VIEWS: [string, Key, InvoiceState[]][] = [
  ["", "invoices.all", []],
  ["stuck", "overview.failed", STUCK],
  ["waiting", "overview.waiting", WAITING],
  ["moving", "overview.moving", MOVING],
  ["unpaid", "overview.unpaid", UNPAID],
  ["paid", "state.PAID", ["PAID"]],
  ["draft", "state.DRAFT", ["DRAFT"]],
];

export function filterOf(params: URLSearchParams): Filter {
  const states = params.get("states")?.split(",").filter(Boolean) as InvoiceState[] | undefined;
  const kind = params.get("kind");
  return given<Filter>({
    states: states?.length ? states : undefined,
    kinds: kind === "INVOICE" || kind === "CREDIT_NOTE" ? [kind] : undefined,
    search: params.get("q") || undefined,
    currency: params.get("currency") || undefined,
    dateFrom: params.get("from") || undefined,
    dateTo: params.get("to") || undefined,
    overdue: params.get("overdue") ? true : undefined,
    issueCode: params.get("issue") || undefined,
    customerId: params.get("customer") || undefined,
    projectId: params.get("project") || undefined,
  });
}

export function Invoices() {
  const { t, word, date } = useWords();
  const session = useSession();
  const integration = session.integration?.id;
  const [params, change] = useAddress();
  const [, go] = useLocation();
  const filter = filterOf(params);
  const [field = "CREATED_AT", direction = "DESC"] = (params.get("order") ?? "").split(" ").filter(Boolean);
  const order = { field: field as Field, direction: direction as Order["direction"] };
  const pages = usePages(List, { integration, filter, order }, (data) => data.invoices, { size: 100 });
  const sums = useData(Sums, { integration, filter }, { on: ["INVOICE"] });
  const fresh = useLiveRows(pages);
  const [planning, setPlanning] = useState(false);
  const states = params.get("states") ?? "";
  return (
    <>
      <Head title={t("nav.invoices")} sub={<SumLine groups={sums.data?.invoiceSummary} />}>
        <Export integration={integration} filter={filter} order={order} />
        {session.can("INVOICES") && (
          <Button icon="retry" kind="primary" onClick={() => setPlanning(true)}>
            {t("retry.plan")}
          </Button>
        )}
      </Head>
      {planning && integration && <RetryDialog integration={integration} filter={filter} close={() => setPlanning(false)} />}
      <div className="stack">
        <div className="chips" role="group" aria-label={t("invoices.quick")}>
          {VIEWS.map(([name, key, list]) => (
            <button
              key={name}
              type="button"
              className="chip"
              aria-pressed={states === list.join() && !params.get("overdue")}
              onClick={() => change({ states: list.join() || null, overdue: null })}
            >
              {t(key)}
            </button>
          ))}
          <button
            type="button"
            className="chip"
            aria-pressed={params.has("overdue")}
            onClick={() => change({ overdue: params.has("overdue") ? null : "1", states: null })}
          >
            {t("invoices.overdue")}
          </button>
        </div>
        <Panel flush>
          <div className="filters">
            <Search label={t("invoices.search")} value={params.get("q") ?? ""} onChange={(q) => change({ q })} />
            <Choice
              label={t("column.kind")}
              hidden
              value={params.get("kind") ?? ""}
              options={[["", t("invoices.bothKinds")], ["INVOICE", word("kind", "INVOICE")], ["CREDIT_NOTE", word("kind", "CREDIT_NOTE")]]}
              onChange={(kind) => change({ kind })}
            />
            <label className="row small muted">
              {t("invoices.from")}
              <input className="input short" type="date" value={params.get("from") ?? ""} onChange={(event) => change({ from: event.target.value })} />
            </label>
            <label className="row small muted">
              {t("invoices.to")}
              <input className="input short" type="date" value={params.get("to") ?? ""} onChange={(event) => change({ to: event.target.value })} />
            </label>
            {(["issue", "currency", "customer", "project"] as const).map((name) =>
              params.has(name) ? (
                <button key={name} type="button" className="chip" aria-pressed="true" onClick={() => change({ [name]: null })}>
                  {name === "issue" || name === "currency" ? params.get(name) : word("filter", name)} <Icon name="close" label={t("action.remove")} />
                </button>
              ) : null,
            )}
            {fresh.count > 0 && (
              <Button icon="run" onClick={fresh.show}>
                {t("invoices.fresh", { count: fresh.count })}
              </Button>
            )}
          </div>
          <LongTable
            label={t("nav.invoices")}
            pages={pages}
            keyOf={(row) => row.id}
            open={(row) => go(`/invoices/${row.id}`)}
            order={order}
            onOrder={(next) => change({ order: `${next.field} ${next.direction}` })}
            empty={<Empty title={t("invoices.none")} icon="invoice"><p>{t("invoices.noneHint")}</p></Empty>}
            columns={[
              {
                id: "number",
                title: t("column.number"),
                width: 142,
                order: "NUMBER",
                cell: (row) => (
                  <Link href={`/invoices/${row.id}`} className="num strong">
                    {row.number ?? t("invoices.unnumbered")}
                    {row.kind === "CREDIT_NOTE" && <span className="sr"> {word("kind", row.kind)}</span>}
                    <span className="sub phone-only">{row.customer.name}</span>
                  </Link>
                ),
              },
              { id: "state", title: t("column.state"), width: 148, cell: (row) => <State value={row.state} /> },
              { id: "customer", title: t("column.customer"), cell: (row) => <span title={row.customer.name}>{row.customer.name}</span>, wide: true },
              {
                id: "why",
                title: t("column.why"),
                wide: true,
                cell: (row) => {
                  const why = row.sync.issues[0]?.title ?? row.sync.reason;
                  return why ? <span className="small" title={why}>{why}</span> : row.kind === "CREDIT_NOTE" ? <span className="small muted">{word("kind", row.kind)}</span> : null;
                },
              },
              { id: "date", title: t("column.date"), width: 126, order: "DATE", wide: true, cell: (row) => <span className="num">{date(row.date)}</span> },
              { id: "due", title: t("column.due"), width: 126, order: "DUE_DATE", wide: true, cell: (row) => <span className="num">{date(row.dueDate)}</span> },
              { id: "total", title: t("column.total"), width: 150, right: true, order: "TOTAL_INCLUDING_VAT", cell: (row) => <Money amount={row.totalIncludingVat} currency={row.currency} /> },
              { id: "balance", title: t("column.balance"), width: 116, right: true, wide: true, cell: (row) => (row.balance === null ? <Dash /> : <Money amount={row.balance} />) },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

/** Rows that changed are shown at once where they are; what is new is offered, or read anew. */
function useLiveRows(pages: Pages<Row>) {
  const [count, setCount] = useState(0);
  useSignals(["INVOICE"], (signals) => {
    let others = 0;
    for (const { change } of signals) {
      const record = change?.record;
      if (record?.__typename === "Invoice" && pages.patch(record.id, (row) => ({ ...row, ...record }))) continue;
      others++;
    }
    if (pages.rows.length <= 400) pages.refresh();
    else setCount((old) => old + others);
  });
  return {
    count,
    show: () => {
      setCount(0);
      pages.refresh();
    },
  };
}

function SumLine({ groups }: { groups: readonly { currency: string; count: number; totalIncludingVat: string; balance: string | null }[] | undefined }) {
  const { t } = useWords();
  if (!groups) return <>&nbsp;</>;
  const count = groups.reduce((sum, one) => sum + one.count, 0);
  return (
    <span className="row" data-testid="sums">
      <span>{t("overview.invoices", { count })}</span>
      {groups.map((one) => (
        <span key={one.currency} className="num">
          <Money amount={addDecimals([one.totalIncludingVat])} currency={one.currency} />
        </span>
      ))}
    </span>
  );
}

function Export(props: { integration: string | undefined; filter: Filter; order: NonNullable<VariablesOf<typeof List>["order"]> }) {
  const { t } = useWords();
  const [save, busy] = useAction(async () => {
    const rows: (string | null)[][] = [];
    let after: string | null = null;
    do {
      const answer: ResultOf<typeof List> = await ask(List, { ...props, first: 100, after });
      for (const one of answer.invoices.nodes)
        rows.push([
          one.number, one.kind, one.state, one.customer.name, one.date, one.dueDate, one.currency,
          one.totalIncludingVat, one.balance, one.referenceNumber, one.sync.issues[0]?.title ?? one.sync.reason,
        ]);
      after = answer.invoices.pageInfo.hasNextPage ? answer.invoices.pageInfo.endCursor : null;
    } while (after);
    const head = ["number", "kind", "state", "customer", "date", "dueDate", "currency", "totalIncludingVat", "balance", "referenceNumber", "reason"];
    saveCsv("invoices.csv", [head, ...rows]);
    return undefined;
  });
  return (
    <Button icon="download" busy={busy} onClick={() => void save()}>
      {busy ? t("export.busy") : t("export.csv")}
    </Button>
  );
}
