import { Link } from "wouter";
import { graphql, type ResultOf } from "../api/graphql";
import { useData } from "../api/hooks";
import { addDecimals, isZero, saveCsv } from "../format";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Button, Dash, Head, Money, Note, Panel, Ready } from "../ui/kit";
import { Icon } from "../ui/icons";
import { useAddress } from "../ui/query";
import { ShortTable } from "../ui/table";

const Compared = graphql(`
  query Reconciliation($integration: ID!, $from: Date, $to: Date) {
    reconciliation(integrationId: $integration, from: $from, to: $to) {
      verifiedThrough
      months {
        month currency severaCount severaTotal financialsCount financialsTotal acceptedDifference difference notOursCount notOursTotal
      }
      differences { number month currency difference invoice { id customer { name } } }
    }
  }
`);

type Month = ResultOf<typeof Compared>["reconciliation"]["months"][number];

/** Counts and money on both sides, month by month. */
export function Reconciliation() {
  const { t, date, month, number } = useWords();
  const session = useSession();
  const [params, change] = useAddress();
  const found = useData(
    Compared,
    { integration: session.integration?.id ?? "", from: params.get("from"), to: params.get("to") },
    { on: ["INVOICE", "RUN"], skip: !session.integration },
  );
  const good = (row: Month) => isZero(row.difference) && row.severaCount === row.financialsCount;
  return (
    <>
      <Head title={t("nav.reconciliation")} sub={t("reconciliation.sub")}>
        {found.data && (
          <Button
            icon="download"
            onClick={() =>
              saveCsv("reconciliation.csv", [
                ["month", "currency", "severaCount", "severaTotal", "financialsCount", "financialsTotal", "acceptedDifference", "difference", "notOursCount", "notOursTotal"],
                ...(found.data?.reconciliation.months ?? []).map((one) => [
                  one.month, one.currency, one.severaCount, one.severaTotal, one.financialsCount, one.financialsTotal,
                  one.acceptedDifference, one.difference, one.notOursCount, one.notOursTotal,
                ]),
              ])
            }
          >
            {t("export.csv")}
          </Button>
        )}
      </Head>
      <div className="stack">
        <Ready from={found}>
          {({ reconciliation }) => (
            <>
              {reconciliation.verifiedThrough ? (
                <Note tone="ok">
                  <p className="strong">{t("reconciliation.verified", { date: date(reconciliation.verifiedThrough) })}</p>
                </Note>
              ) : (
                <Note tone="wait">{t("reconciliation.unverified")}</Note>
              )}
              <Panel flush>
                <div className="filters">
                  <label className="row small muted">
                    {t("invoices.from")}
                    <input className="input short" type="date" value={params.get("from") ?? ""} onChange={(event) => change({ from: event.target.value })} />
                  </label>
                  <label className="row small muted">
                    {t("invoices.to")}
                    <input className="input short" type="date" value={params.get("to") ?? ""} onChange={(event) => change({ to: event.target.value })} />
                  </label>
                </div>
                <ShortTable
                  label={t("nav.reconciliation")}
                  rows={reconciliation.months}
                  keyOf={(row) => `${row.month}${row.currency}`}
                  empty={t("reconciliation.none")}
                  columns={[
                    { id: "month", title: t("column.month"), cell: (row) => <span className="strong">{month(row.month)}</span> },
                    { id: "currency", title: t("column.currency"), cell: (row) => row.currency },
                    { id: "severa", title: "Severa", right: true, cell: (row) => <Both count={row.severaCount} amount={row.severaTotal} /> },
                    { id: "financials", title: "Visma.net", right: true, cell: (row) => <Both count={row.financialsCount} amount={row.financialsTotal} /> },
                    { id: "accepted", title: t("sum.accepted"), right: true, wide: true, cell: (row) => <span className={isZero(row.acceptedDifference) ? "muted" : ""}><Money amount={row.acceptedDifference} /></span> },
                    { id: "difference", title: t("column.difference"), right: true, cell: (row) => <span className={isZero(row.difference) ? "muted" : "tone-bad strong"}><Money amount={row.difference} /></span> },
                    { id: "notOurs", title: t("reconciliation.notOurs"), right: true, wide: true, cell: (row) => (row.notOursCount ? <Both count={row.notOursCount} amount={row.notOursTotal} /> : <span className="muted">{number(0)}</span>) },
                    { id: "good", title: t("column.state"), cell: (row) => (good(row) ? <span className="state tone-ok"><Icon name="check" />{t("reconciliation.equal")}</span> : <span className="state tone-bad"><Icon name="bad" />{t("reconciliation.differs")}</span>) },
                  ]}
                />
              </Panel>
              {reconciliation.differences.length > 0 && (
                <Panel flush title={t("reconciliation.differences")} tools={<Sum differences={reconciliation.differences} />}>
                  <ShortTable
                    label={t("reconciliation.differences")}
                    rows={reconciliation.differences}
                    keyOf={(row) => `${row.number}${row.currency}`}
                    columns={[
                      { id: "number", title: t("column.number"), cell: (row) => (row.invoice ? <Link href={`/invoices/${row.invoice.id}`} className="num">{row.number}</Link> : <span className="num">{row.number}</span>) },
                      { id: "customer", title: t("column.customer"), cell: (row) => row.invoice?.customer.name },
                      { id: "month", title: t("column.month"), cell: (row) => month(row.month) },
                      { id: "difference", title: t("column.difference"), right: true, cell: (row) => <Money amount={row.difference} currency={row.currency} /> },
                    ]}
                  />
                </Panel>
              )}
            </>
          )}
        </Ready>
      </div>
    </>
  );
}

function Both({ count, amount }: { count: number; amount: string }) {
  const { number } = useWords();
  if (count === 0 && isZero(amount)) return <Dash />;
  return (
    <>
      <Money amount={amount} />
      <span className="sub">{number(count)}</span>
    </>
  );
}

function Sum({ differences }: { differences: readonly { currency: string; difference: string }[] }) {
  const currencies = [...new Set(differences.map((one) => one.currency))];
  return (
    <span className="row">
      {currencies.map((currency) => (
        <Money key={currency} amount={addDecimals(differences.filter((one) => one.currency === currency).map((one) => one.difference))} currency={currency} />
      ))}
    </span>
  );
}
