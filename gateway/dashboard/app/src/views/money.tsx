import { Link } from "wouter";
import { graphql } from "../api/graphql";
import { usePages } from "../api/hooks";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Dash, Empty, Head, Money, Panel, Search } from "../ui/kit";
import { given, useAddress } from "../ui/query";
import { State } from "../ui/state";
import { LongTable } from "../ui/table";

const PaymentList = graphql(`
  query Payments($integration: ID, $filter: PaymentFilter, $first: Int, $after: String) {
    payments(integrationId: $integration, filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id number kind date amount currency voided customerNumber applications { amount invoice { id number } } sync { state } }
    }
  }
`);

const CostList = graphql(`
  query Costs($integration: ID, $filter: ProjectCostFilter, $first: Int, $after: String) {
    projectCosts(integrationId: $integration, filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id journalKey description date quantity unitCost unitPrice currency supplierName isCompensation project { id number name } sync { state reason } }
    }
  }
`);

export function Payments() {
  const { t, date, word } = useWords();
  const session = useSession();
  const [params, change] = useAddress();
  const number = params.get("q")?.trim();
  const filter = given({ numbers: number ? [number] : undefined });
  const pages = usePages(PaymentList, { integration: session.integration?.id, filter }, (data) => data.payments, { size: 100, on: ["PAYMENT"] });
  return (
    <>
      <Head title={t("nav.payments")} sub={pages.total === undefined ? " " : t("records.count", { count: pages.total })} />
      <Panel flush>
        <div className="filters">
          <Search label={t("payments.search")} value={params.get("q") ?? ""} onChange={(q) => change({ q })} />
        </div>
        <LongTable
          label={t("nav.payments")}
          pages={pages}
          keyOf={(row) => row.id}
          empty={<Empty title={t("payments.none")} icon="payment" />}
          columns={[
            { id: "number", title: t("column.number"), width: 120, cell: (row) => <span className="num strong">{row.number}</span> },
            { id: "date", title: t("column.date"), width: 120, wide: true, cell: (row) => <span className="num">{date(row.date)}</span> },
            { id: "kind", title: t("column.kind"), width: 140, wide: true, cell: (row) => word("payment", row.kind) },
            { id: "customer", title: t("column.customer"), width: 120, wide: true, cell: (row) => <span className="num">{row.customerNumber ?? <Dash />}</span> },
            { id: "invoices", title: t("nav.invoices"), cell: (row) => row.applications.map((one, index) => one.invoice && <span key={one.invoice.id}>{index > 0 && ", "}<Link href={`/invoices/${one.invoice.id}`} className="num">{one.invoice.number ?? t("invoices.unnumbered")}</Link></span>) },
            { id: "amount", title: t("column.amount"), width: 160, right: true, cell: (row) => <span className={row.voided ? "diff-a" : ""}><Money amount={row.amount} currency={row.currency} /></span> },
            { id: "voided", title: "", width: 100, wide: true, cell: (row) => row.voided && <span className="muted small">{t("payments.voided")}</span> },
          ]}
        />
      </Panel>
    </>
  );
}

export function Costs() {
  const { t, date, decimal } = useWords();
  const session = useSession();
  const [params, change] = useAddress();
  const filter = given({ search: params.get("q") || undefined });
  const pages = usePages(CostList, { integration: session.integration?.id, filter }, (data) => data.projectCosts, { size: 100, on: ["PROJECT_COST"] });
  return (
    <>
      <Head title={t("nav.costs")} sub={pages.total === undefined ? " " : t("records.count", { count: pages.total })} />
      <Panel flush>
        <div className="filters">
          <Search label={t("records.search")} value={params.get("q") ?? ""} onChange={(q) => change({ q })} />
        </div>
        <LongTable
          label={t("nav.costs")}
          pages={pages}
          keyOf={(row) => row.id}
          empty={<Empty title={t("costs.none")} icon="cost" />}
          columns={[
            { id: "text", title: t("column.text"), cell: (row) => <span title={row.description}>{row.description}</span> },
            { id: "supplier", title: t("column.supplier"), wide: true, cell: (row) => row.supplierName ?? <Dash /> },
            { id: "project", title: t("fact.project"), wide: true, cell: (row) => (row.project ? <Link href={`/projects/${row.project.id}`}>{row.project.number} {row.project.name}</Link> : <Dash />) },
            { id: "date", title: t("column.date"), width: 115, wide: true, cell: (row) => <span className="num">{date(row.date)}</span> },
            { id: "quantity", title: t("column.quantity"), width: 80, right: true, wide: true, cell: (row) => <span className="num">{decimal(row.quantity, 4)}</span> },
            { id: "cost", title: t("column.cost"), width: 140, right: true, cell: (row) => <Money amount={row.unitCost} currency={row.currency} /> },
            { id: "state", title: t("column.state"), width: 140, cell: (row) => <State value={row.sync.state} /> },
          ]}
        />
      </Panel>
    </>
  );
}
