import { Link, useLocation } from "wouter";
import { graphql, type SyncState, type VariablesOf } from "../api/graphql";
import { type Pages, usePages } from "../api/hooks";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Choice, Dash, Empty, Head, Money, Panel, Search } from "../ui/kit";
import { given, useAddress } from "../ui/query";
import { State } from "../ui/state";
import { type Column, LongTable, type Order } from "../ui/table";

const Customers = graphql(`
  query Customers($integration: ID, $filter: CustomerFilter, $order: CustomerOrder, $first: Int, $after: String) {
    customers(integrationId: $integration, filter: $filter, orderBy: $order, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id number name vatNumber currency isActive sync { state reason } }
    }
  }
`);

const Products = graphql(`
  query Products($integration: ID, $filter: ProductFilter, $order: ProductOrder, $first: Int, $after: String) {
    products(integrationId: $integration, filter: $filter, orderBy: $order, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id code name kind unitPrice unit isActive sync { state reason } }
    }
  }
`);

const Projects = graphql(`
  query Projects($integration: ID, $filter: ProjectFilter, $order: ProjectOrder, $first: Int, $after: String) {
    projects(integrationId: $integration, filter: $filter, orderBy: $order, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id number name status isSalesCase customer { id name } sync { state reason } }
    }
  }
`);

const STATES: SyncState[] = ["IN_SYNC", "PENDING", "WAITING", "BLOCKED", "CONFLICT", "UNCERTAIN"];

/** Where a record of a type is shown. */
export function pathOf(type: string, id: string): string {
  const base: Record<string, string> = { Invoice: "invoices", Customer: "customers", Product: "products", Project: "projects" };
  return base[type] ? `/${base[type]}/${id}` : type === "Payment" ? "/payments" : "/costs";
}

type Common = { id: string; isActive?: boolean; sync: { state: string; reason: string | null } };

function useFilters(first: Order) {
  const [params, change] = useAddress();
  const state = params.get("state") as SyncState | null;
  const [field = first.field, direction = first.direction] = (params.get("order") ?? "").split(" ").filter(Boolean);
  const filter = given({ search: params.get("q") || undefined, syncStates: state ? [state] : undefined });
  return { params, change, filter, order: { field, direction: direction as Order["direction"] } };
}

function RecordList<Row extends Common>(props: {
  title: string;
  pages: Pages<Row>;
  columns: Column<Row>[];
  open: (row: Row) => string;
  filters: ReturnType<typeof useFilters>;
}) {
  const { t, word } = useWords();
  const [, go] = useLocation();
  const { params, change, order } = props.filters;
  const total = props.pages.total;
  return (
    <>
      <Head title={props.title} sub={total === undefined ? " " : t("records.count", { count: total })} />
      <Panel flush>
        <div className="filters">
          <Search label={t("records.search")} value={params.get("q") ?? ""} onChange={(q) => change({ q })} />
          <Choice
            label={t("column.state")}
            hidden
            value={params.get("state") ?? ""}
            options={[["", t("records.anyState")], ...STATES.map((one): [string, string] => [one, word("state", one)])]}
            onChange={(state) => change({ state })}
          />
        </div>
        <LongTable
          label={props.title}
          pages={props.pages}
          keyOf={(row) => row.id}
          open={(row) => go(props.open(row))}
          order={order}
          onOrder={(next) => change({ order: `${next.field} ${next.direction}` })}
          empty={<Empty title={t("records.none")} icon="search" />}
          columns={[
            ...props.columns,
            { id: "reason", title: t("column.why"), wide: true, cell: (row: Row) => <span className="small" title={row.sync.reason ?? undefined}>{row.sync.reason}</span> },
            { id: "state", title: t("column.state"), width: 150, cell: (row: Row) => <State value={row.sync.state} /> },
          ]}
        />
      </Panel>
    </>
  );
}

export function CustomerList() {
  const { t } = useWords();
  const session = useSession();
  const filters = useFilters({ field: "NAME", direction: "ASC" });
  const order = filters.order as NonNullable<VariablesOf<typeof Customers>["order"]>;
  const pages = usePages(Customers, { integration: session.integration?.id, filter: filters.filter, order }, (data) => data.customers, { size: 100, on: ["CUSTOMER"] });
  return (
    <RecordList
      title={t("nav.customers")}
      pages={pages}
      filters={filters}
      open={(row) => `/customers/${row.id}`}
      columns={[
        { id: "number", title: t("column.number"), width: 110, order: "NUMBER", cell: (row) => <span className="num">{row.number ?? <Dash />}</span> },
        { id: "name", title: t("column.name"), order: "NAME", cell: (row) => <Link href={`/customers/${row.id}`} className="strong">{row.name}</Link> },
        { id: "vat", title: t("field.vatNumber"), width: 160, wide: true, cell: (row) => <span className="num">{row.vatNumber ?? <Dash />}</span> },
        { id: "active", title: t("field.isActive"), width: 90, wide: true, cell: (row) => <YesNo value={row.isActive} /> },
      ]}
    />
  );
}

export function ProductList() {
  const { t, word } = useWords();
  const session = useSession();
  const filters = useFilters({ field: "CODE", direction: "ASC" });
  const order = filters.order as NonNullable<VariablesOf<typeof Products>["order"]>;
  const pages = usePages(Products, { integration: session.integration?.id, filter: filters.filter, order }, (data) => data.products, { size: 100, on: ["PRODUCT"] });
  return (
    <RecordList
      title={t("nav.products")}
      pages={pages}
      filters={filters}
      open={(row) => `/products/${row.id}`}
      columns={[
        { id: "code", title: t("column.code"), width: 130, order: "CODE", cell: (row) => <span className="num">{row.code}</span> },
        { id: "name", title: t("column.name"), order: "NAME", cell: (row) => <Link href={`/products/${row.id}`} className="strong">{row.name}</Link> },
        { id: "kind", title: t("column.kind"), width: 130, wide: true, cell: (row) => word("productKind", row.kind) },
        { id: "price", title: t("column.price"), width: 130, right: true, wide: true, cell: (row) => <><Money amount={row.unitPrice} />{row.unit && <span className="muted small"> / {row.unit}</span>}</> },
      ]}
    />
  );
}

export function ProjectList() {
  const { t, word } = useWords();
  const session = useSession();
  const filters = useFilters({ field: "NUMBER", direction: "DESC" });
  const order = filters.order as NonNullable<VariablesOf<typeof Projects>["order"]>;
  const pages = usePages(Projects, { integration: session.integration?.id, filter: filters.filter, order }, (data) => data.projects, { size: 100, on: ["PROJECT"] });
  return (
    <RecordList
      title={t("nav.projects")}
      pages={pages}
      filters={filters}
      open={(row) => `/projects/${row.id}`}
      columns={[
        { id: "number", title: t("column.number"), width: 110, order: "NUMBER", cell: (row) => <span className="num">{row.number}</span> },
        { id: "name", title: t("column.name"), order: "NAME", cell: (row) => <Link href={`/projects/${row.id}`} className="strong">{row.name}</Link> },
        { id: "customer", title: t("column.customer"), wide: true, cell: (row) => (row.customer ? <Link href={`/customers/${row.customer.id}`}>{row.customer.name}</Link> : <Dash />) },
        { id: "status", title: t("field.status"), width: 130, wide: true, cell: (row) => <>{word("project", row.status)}{row.isSalesCase && <span className="muted small"> {t("project.salesCase")}</span>}</> },
      ]}
    />
  );
}

export function YesNo({ value }: { value: boolean }) {
  const { t } = useWords();
  return <span className={value ? "" : "muted"}>{value ? t("yes") : t("no")}</span>;
}

