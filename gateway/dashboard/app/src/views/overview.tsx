import { lazy, type ReactNode, Suspense } from "react";
import { Link } from "wouter";
import { graphql, type InvoiceState, type ResultOf } from "../api/graphql";
import { type Loaded, useData } from "../api/hooks";
import { addDecimals, isZero } from "../format";
import { type Key, useWords } from "../i18n";
import { useSession } from "../session";
import { Icon, type IconName } from "../ui/icons";
import { Ago, Empty, Head, Note, Panel, Ready } from "../ui/kit";
import { State, type Tone } from "../ui/state";
import { ShortTable } from "../ui/table";
import { CurrentRun, SyncNow } from "./runs";

const Trends = lazy(() => import("./trends"));

export const STUCK: InvoiceState[] = ["FAILED", "ORPHANED", "UNCERTAIN"];
export const WAITING: InvoiceState[] = ["WAITING"];
export const MOVING: InvoiceState[] = ["READY", "CHECKED", "CREATED", "COMPARED", "RELEASED"];
export const UNPAID: InvoiceState[] = ["NUMBERED", "SENT", "PARTIALLY_PAID"];

const Overall = graphql(`
  query Overall($integration: ID, $monthStart: Date!) {
    byState: invoiceSummary(integrationId: $integration, groupBy: [STATE]) {
      state currency count totalIncludingVat balance
    }
    overdue: invoiceSummary(integrationId: $integration, filter: { overdue: true }) { currency count balance }
    thisMonth: invoiceSummary(integrationId: $integration, filter: { dateFrom: $monthStart }) {
      currency count paidAmount
    }
    rootCauses(integrationId: $integration) {
      code title cause nextStep recordsFreed oldest moneyFreed { currency amount }
    }
  }
`);

const Health = graphql(`
  query Health($integration: ID) {
    syncStatus(integrationId: $integration) {
      entity state lastSuccessAt nextRunAt total pending blocked
      freshness { asOf ageSeconds isStale }
      integration { id name }
    }
  }
`);

type Group = ResultOf<typeof Overall>["byState"][number];

export function Overview() {
  const { t, month } = useWords();
  const session = useSession();
  const integration = session.integration?.id;
  const monthStart = `${new Date().toISOString().slice(0, 7)}-01`;
  const overall = useData(Overall, { integration, monthStart }, { on: ["INVOICE", "ISSUE"] });
  const health = useData(Health, { integration }, { on: ["RUN"], every: 15_000 });
  const paused = session.integration?.state === "PAUSED";
  if (!session.integration)
    return (
      <>
        <Head title={t("nav.overview")} />
        <Empty title={t("overview.nothing")} icon="setup">
          {session.can("SETUP") ? <Link className="button primary" href="/setup">{t("setup.begin")}</Link> : <p>{t("overview.askAdmin")}</p>}
        </Empty>
      </>
    );
  return (
    <>
      <Head title={t("nav.overview")} sub={session.integration.name}>
        <SyncNow />
      </Head>
      <div className="stack">
        {paused && (
          <Note tone="wait" icon="pause">
            <p className="strong">{t("overview.paused")}</p>
            {session.integration.pausedReason && <p>{session.integration.pausedReason}</p>}
          </Note>
        )}
        <Ready from={overall}>
          {(data) => (
            <>
              <div className="tiles">
                <Tile tone="bad" icon="bad" label={t("overview.failed")} href={`/invoices?states=${STUCK}`} groups={of(data.byState, STUCK)} word="overview.invoices" />
                <Tile tone="wait" icon="wait" label={t("overview.waiting")} href={`/invoices?states=${WAITING}`} groups={of(data.byState, WAITING)} word="overview.invoices" />
                <Tile tone="move" icon="move" label={t("overview.moving")} href={`/invoices?states=${MOVING}`} groups={of(data.byState, MOVING)} word="overview.invoices" />
                <Tile
                  tone="idle"
                  icon="invoice"
                  label={t("overview.unpaid")}
                  href={`/invoices?states=${UNPAID}`}
                  groups={of(data.byState, UNPAID).map((one) => ({ ...one, amount: one.balance ?? null }))}
                  word="overview.invoices"
                  more={<Overdue groups={data.overdue} />}
                />
                <Tile
                  tone="ok"
                  icon="ok"
                  label={t("overview.paid")}
                  href={`/invoices?from=${monthStart}`}
                  groups={data.thisMonth.map((one) => ({ currency: one.currency, count: one.count, amount: one.paidAmount }))}
                  word="overview.ofInvoices"
                  month={month(monthStart)}
                />
              </div>
              <div className="split">
                <HealthPanel health={health} />
                <div className="stack">
                  <CurrentRun />
                  <Causes causes={data.rootCauses} />
                </div>
              </div>
            </>
          )}
        </Ready>
        <Suspense fallback={<div className="cols"><Panel title={t("trend.months")}><div className="chart" /></Panel><Panel title={t("trend.runs")}><div className="chart" /></Panel></div>}>
          <Trends integration={integration} />
        </Suspense>
      </div>
    </>
  );
}

type Amount = { currency: string; count: number; amount: string | null; balance?: string | null };

function of(groups: readonly Group[], states: InvoiceState[]): Amount[] {
  const found = new Map<string, Group[]>();
  for (const group of groups)
    if (group.state && states.includes(group.state)) found.set(group.currency, [...(found.get(group.currency) ?? []), group]);
  return [...found].map(([currency, list]) => ({
    currency,
    count: list.reduce((sum, one) => sum + one.count, 0),
    amount: addDecimals(list.map((one) => one.totalIncludingVat)),
    balance: addDecimals(list.map((one) => one.balance)),
  }));
}

function Tile(props: { tone: Tone; icon: IconName; label: string; href: string; groups: Amount[]; word: Key; month?: string; more?: ReactNode }) {
  const { t, money } = useWords();
  const base = useSession().integration?.baseCurrency;
  const rank = (one: Amount) => (one.currency === base ? Number.POSITIVE_INFINITY : one.count);
  const shown = props.groups.filter((one) => one.count > 0).sort((one, other) => rank(other) - rank(one));
  const count = shown.reduce((sum, one) => sum + one.count, 0);
  const [first, ...rest] = shown;
  return (
    <Link href={props.href} className="panel tile">
      <span className="label">
        <span className={`tone-${count ? props.tone : "idle"}`}>
          <Icon name={props.icon} />
        </span>
        {props.label}
      </span>
      <span className="value">
        {first ? (
          <>
            {money(first.amount ?? "0")}
            <small>{first.currency}</small>
          </>
        ) : (
          <span className="muted">{t("overview.none")}</span>
        )}
      </span>
      {rest.filter((one) => !isZero(one.amount)).map((one) => (
        <span className="also" key={one.currency}>
          + {money(one.amount ?? "0")} {one.currency}
        </span>
      ))}
      <span className="more">
        {count > 0 && t(props.word, { count, month: props.month ?? "" })}
        {props.more}
      </span>
    </Link>
  );
}

function Overdue({ groups }: { groups: readonly { count: number }[] }) {
  const { t } = useWords();
  const count = groups.reduce((sum, one) => sum + one.count, 0);
  return count > 0 ? <span className="tone-wait"> · {t("overview.overdue", { count })}</span> : null;
}

function HealthPanel({ health }: { health: Loaded<ResultOf<typeof Health>> }) {
  const { t, word, number } = useWords();
  return (
    <Panel title={t("health.title")} flush>
      <Ready from={health}>
        {(data) => (
          <ShortTable
            label={t("health.title")}
            rows={data.syncStatus}
            keyOf={(row) => row.entity}
            columns={[
              { id: "entity", title: t("health.entity"), cell: (row) => <span className="strong">{word("entity", row.entity)}</span> },
              { id: "state", title: t("column.state"), cell: (row) => <State group="run" value={row.state} /> },
              {
                id: "fresh",
                title: t("health.fresh"),
                cell: (row) =>
                  row.freshness.isStale ? (
                    <span className="tone-wait">
                      <Icon name="issue" label={t("health.stale")} /> <Ago at={row.freshness.asOf} />
                    </span>
                  ) : (
                    <Ago at={row.freshness.asOf} />
                  ),
              },
              { id: "total", title: t("health.total"), right: true, wide: true, cell: (row) => <span className="num">{number(row.total)}</span> },
              { id: "pending", title: t("health.pending"), right: true, wide: true, cell: (row) => <Count value={row.pending} tone="move" /> },
              { id: "blocked", title: t("health.blocked"), right: true, cell: (row) => <Count value={row.blocked} tone="bad" /> },
              { id: "next", title: t("health.next"), wide: true, cell: (row) => (row.nextRunAt ? <Ago at={row.nextRunAt} /> : null) },
            ]}
          />
        )}
      </Ready>
    </Panel>
  );
}

function Count({ value, tone }: { value: number; tone: Tone }) {
  const { number } = useWords();
  return <span className={`num ${value ? `tone-${tone} strong` : "muted"}`}>{number(value)}</span>;
}

function Causes({ causes }: { causes: ResultOf<typeof Overall>["rootCauses"] }) {
  const { t } = useWords();
  return (
    <Panel
      title={t("overview.causes")}
      tools={
        <Link href="/issues" className="small">
          {t("overview.allIssues")}
        </Link>
      }
    >
      {causes.length === 0 ? (
        <p className="row muted">
          <span className="tone-ok">
            <Icon name="ok" />
          </span>
          {t("issues.none")}
        </p>
      ) : (
        <ul className="stack">
          {causes.slice(0, 4).map((one) => (
            <li key={`${one.code}${one.cause}`}>
              <div className="row">
                <Link href={`/issues?code=${one.code}`} className="strong grow">
                  {one.title}
                </Link>
                <span className="small muted num">
                  {one.moneyFreed.map((money) => <MoneyLine key={money.currency} {...money} />)}
                </span>
              </div>
              <p className="small muted">
                {t("issues.frees", { count: one.recordsFreed })} · <Ago at={one.oldest} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function MoneyLine({ currency, amount }: { currency: string; amount: string }) {
  const { money } = useWords();
  return (
    <span>
      {" "}
      {money(amount)} {currency}
    </span>
  );
}
