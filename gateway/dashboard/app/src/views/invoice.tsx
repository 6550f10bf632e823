import { useState } from "react";
import { Link } from "wouter";
import { ask } from "../api/client";
import { graphql, type InvoiceState, type ResultOf } from "../api/graphql";
import { useData, useSignals } from "../api/hooks";
import { isZero } from "../format";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Icon } from "../ui/icons";
import { Ago, Button, Dash, Empty, Head, Money, Note, Panel, Ready, Tabs, useAction } from "../ui/kit";
import { look, SideTag, State } from "../ui/state";
import { ShortTable } from "../ui/table";
import { Twins } from "./twins";
import { Timeline, Way } from "./way";

const One = graphql(`
  query Invoice($id: ID!) {
    invoice(id: $id) {
      id kind number state severaId financialsStatus mark date dueDate paymentDate currency exchangeRate
      orderNumber ourReference yourReference referenceNumber
      totalExcludingVat totalVat totalIncludingVat totalInBaseCurrency financialsTotalIncludingVat acceptedDifference
      paidAmount creditedAmount writtenOffAmount balance createdAt updatedAt
      severaStatus { name role }
      customer { id name number }
      project { id name number }
      credits { id number }
      sync { state lastSyncedAt reason issues { id code title cause nextStep fixableBy occurrences openedAt } }
      links { side externalId externalNumber lastSeenAt missingSince }
      rows { id code description quantity unit unitPrice vatPercent expectedVatPercent total project { id number } }
      attachments { id name size isCopied }
      payments { id number kind date amount currency voided }
      vatForecast { difference rows { row { id } vat expectedVat difference } }
    }
    explain(id: $id) { text nextStep dependencies { __typename id } }
  }
`);

export const Past = graphql(`
  query InvoicePast($id: ID!) {
    invoice(id: $id) {
      attempts { id side operation purpose mark state outcome externalId requestId startedAt finishedAt }
      history(first: 60) { nodes { cursor kind previousState actor reason at fields { field before after } } }
    }
  }
`);

const Sources = graphql(`
  query InvoiceProvenance($id: ID!) {
    invoice(id: $id) {
      provenance { field owner value severaValue financialsValue lastWriter changedAt reason }
    }
  }
`);

const Retry = graphql(`
  mutation RetryInvoice($input: RetryInvoiceInput!) {
    retryInvoice(input: $input) { invoice { id state } userErrors { code message nextStep } }
  }
`);

const RETRYABLE: InvoiceState[] = ["FAILED", "ORPHANED", "UNCERTAIN", "WAITING"];
type Invoice = NonNullable<ResultOf<typeof One>["invoice"]>;

export function InvoiceView({ id }: { id: string }) {
  const { t, word } = useWords();
  const session = useSession();
  const found = useData(One, { id });
  const [tab, setTab] = useState<"way" | "sources">("way");
  useSignals(["INVOICE", "PAYMENT", "ISSUE"], (signals) => {
    const other = signals.every(({ topic, change }) => topic === "INVOICE" && change?.record?.id !== id);
    if (!other) found.refresh();
  });
  const [retry, busy] = useAction(async () => (await ask(Retry, { input: { invoiceId: id } })).retryInvoice, {
    done: t("retry.asked"),
    after: found.refresh,
  });
  return (
    <Ready from={found}>
      {({ invoice, explain }) => {
        if (!invoice) return <Empty title={t("unknown.title")} icon="void" />;
        const role = invoice.severaStatus?.role;
        const mayRetry = RETRYABLE.includes(invoice.state) && (role === "FAILED" || role === "TRANSFER");
        return (
          <>
            <Head
              title={invoice.number ? `${word("kind", invoice.kind)} ${invoice.number}` : t("invoice.untitled", { kind: word("kind", invoice.kind) })}
              sub={
                <span className="row">
                  <State value={invoice.state} />
                  <Link href={`/customers/${invoice.customer.id}`}>{invoice.customer.name}</Link>
                  <Money amount={invoice.totalIncludingVat} currency={invoice.currency} />
                </span>
              }
            >
              {session.can("INVOICES") && mayRetry && (
                <Button kind="primary" icon="retry" busy={busy} onClick={() => void retry()}>
                  {t("retry.one")}
                </Button>
              )}
            </Head>
            <div className="stack">
              <Why invoice={invoice} explain={explain} />
              <Panel title={t("invoice.way")}>
                <Way invoice={invoice} />
              </Panel>
              <div className="split">
                <div className="stack">
                  <Rows invoice={invoice} />
                  <Panel flush title={t("invoice.evidence")}>
                    <div className="body">
                      <Tabs
                        label={t("invoice.evidence")}
                        value={tab}
                        onChange={setTab}
                        tabs={[["way", t("invoice.timeline")], ["sources", t("record.sources")]]}
                      />
                    </div>
                    <div className="body">{tab === "way" ? <Timeline id={id} /> : <Provenance id={id} />}</div>
                  </Panel>
                </div>
                <div className="stack">
                  <Sums invoice={invoice} />
                  <Payments invoice={invoice} />
                  <Panel title={t("invoice.facts")}>
                    <Facts invoice={invoice} />
                  </Panel>
                  <Panel title={t("record.links")}>
                    <Twins links={invoice.links} />
                  </Panel>
                </div>
              </div>
            </div>
          </>
        );
      }}
    </Ready>
  );
}

function Why({ invoice, explain }: { invoice: Invoice; explain: ResultOf<typeof One>["explain"] }) {
  const { t } = useWords();
  const [tone] = look(invoice.state);
  const box = tone === "bad" || tone === "doubt" ? "bad" : tone === "wait" ? "wait" : tone === "ok" ? "ok" : "info";
  const issues = invoice.sync.issues;
  return (
    <div className="stack" data-testid="why">
      <Note tone={issues.length ? "bad" : box}>
        <p className="strong">{explain.text}</p>
        {explain.nextStep && (
          <p>
            <span className="muted">{t("explain.next")}</span> {explain.nextStep}
          </p>
        )}
        {issues.map((issue) => (
          <p key={issue.id} className="small">
            {!explain.text.includes(issue.cause) && <>{issue.cause} </>}
            <span className="muted">
              {t("issues.by")} {issue.fixableBy} · <Ago at={issue.openedAt} />
            </span>
          </p>
        ))}
      </Note>
    </div>
  );
}

function Rows({ invoice }: { invoice: Invoice }) {
  const { t, decimal } = useWords();
  const forecast = new Map(invoice.vatForecast?.rows.map((one) => [one.row.id, one]));
  const wrong = (row: Invoice["rows"][number]) =>
    row.expectedVatPercent !== null && row.vatPercent !== null && !isZero(forecast.get(row.id)?.difference ?? (Number(row.vatPercent) === Number(row.expectedVatPercent) ? "0" : "1"));
  return (
    <Panel title={t("invoice.rows")} flush tools={invoice.vatForecast && !isZero(invoice.vatForecast.difference) && <span className="state tone-bad"><Icon name="bad" /> {t("invoice.vatOff")} <Money amount={invoice.vatForecast.difference} /></span>}>
      <ShortTable
        label={t("invoice.rows")}
        rows={invoice.rows}
        keyOf={(row) => row.id}
        empty={t("invoice.noRows")}
        columns={[
          { id: "text", title: t("column.text"), cell: (row) => <><span>{row.description}</span><span className="sub mono">{[row.code, row.project?.number].filter(Boolean).join(" · ")}</span></> },
          { id: "quantity", title: t("column.quantity"), right: true, cell: (row) => <span className="num">{decimal(row.quantity, 4)} {row.unit}</span> },
          { id: "price", title: t("column.price"), right: true, wide: true, cell: (row) => <span className="num">{decimal(row.unitPrice, 4)}</span> },
          {
            id: "vat",
            title: t("column.vat"),
            right: true,
            cell: (row) => (
              <span className="num">
                {row.vatPercent === null ? <Dash /> : <span className={wrong(row) ? "diff-a" : ""}>{decimal(row.vatPercent)} %</span>}
                {wrong(row) && row.expectedVatPercent !== null && (
                  <span className="sub diff-b">
                    {t("invoice.expects")} {decimal(row.expectedVatPercent)} %
                  </span>
                )}
              </span>
            ),
          },
          { id: "forecast", title: t("column.vatForecast"), right: true, wide: true, cell: (row) => <Money amount={forecast.get(row.id)?.expectedVat} /> },
          { id: "total", title: t("column.total"), right: true, cell: (row) => <Money amount={row.total} /> },
        ]}
      />
    </Panel>
  );
}

function Sums({ invoice }: { invoice: Invoice }) {
  const { t } = useWords();
  const lines: [string, string | null, boolean?][] = [
    [t("sum.net"), invoice.totalExcludingVat],
    [t("sum.vat"), invoice.totalVat],
    [t("sum.total"), invoice.totalIncludingVat, true],
    [t("sum.financials"), invoice.financialsTotalIncludingVat],
    [t("sum.accepted"), isZero(invoice.acceptedDifference) ? null : invoice.acceptedDifference],
    [t("sum.base"), isZero(invoice.exchangeRate) || Number(invoice.exchangeRate) === 1 ? null : invoice.totalInBaseCurrency],
    [t("sum.paid"), invoice.paidAmount],
    [t("sum.credited"), isZero(invoice.creditedAmount) ? null : invoice.creditedAmount],
    [t("sum.writtenOff"), isZero(invoice.writtenOffAmount) ? null : invoice.writtenOffAmount],
    [t("column.balance"), invoice.balance, true],
  ];
  return (
    <Panel title={`${t("invoice.sums")} · ${invoice.currency}`}>
      <dl className="facts">
        {lines
          .filter(([, amount]) => amount !== null)
          .map(([name, amount, strong]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd className={`right ${strong ? "strong" : ""}`}>
                <Money amount={amount} />
              </dd>
            </div>
          ))}
      </dl>
    </Panel>
  );
}

function Payments({ invoice }: { invoice: Invoice }) {
  const { t, date } = useWords();
  return (
    <Panel title={t("nav.payments")} flush={invoice.payments.length > 0}>
      {invoice.payments.length === 0 ? (
        <p className="muted">{t("payments.none")}</p>
      ) : (
        <ShortTable
          label={t("nav.payments")}
          rows={invoice.payments}
          keyOf={(one) => one.id}
          columns={[
            { id: "number", title: t("column.number"), cell: (one) => <span className="num">{one.number}</span> },
            { id: "date", title: t("column.date"), cell: (one) => <span className="num">{date(one.date)}</span> },
            { id: "amount", title: t("column.amount"), right: true, cell: (one) => <span className={one.voided ? "diff-a" : ""}><Money amount={one.amount} currency={one.currency} />{one.voided && <span className="sub">{t("payments.voided")}</span>}</span> },
          ]}
        />
      )}
    </Panel>
  );
}

function Facts({ invoice }: { invoice: Invoice }) {
  const { t, date } = useWords();
  const facts: [string, React.ReactNode][] = [
    [t("column.date"), date(invoice.date)],
    [t("column.due"), date(invoice.dueDate)],
    [t("fact.paymentDate"), date(invoice.paymentDate)],
    [t("fact.reference"), invoice.referenceNumber],
    [t("fact.order"), invoice.orderNumber],
    [t("fact.ours"), invoice.ourReference],
    [t("fact.yours"), invoice.yourReference],
    [t("fact.project"), invoice.project && <Link href={`/projects/${invoice.project.id}`}>{invoice.project.number} {invoice.project.name}</Link>],
    [t("fact.credits"), invoice.credits && <Link href={`/invoices/${invoice.credits.id}`}>{invoice.credits.number ?? t("invoices.unnumbered")}</Link>],
    [t("fact.severaStatus"), invoice.severaStatus?.name],
    [t("fact.financialsStatus"), invoice.financialsStatus],
    [t("fact.mark"), invoice.mark && <span className="mono small">{invoice.mark}</span>],
    [t("fact.files"), invoice.attachments.length > 0 && invoice.attachments.map((one) => <div key={one.id}>{one.isCopied && <span className="tone-ok"><Icon name="check" label={t("fact.copied")} /></span>} {one.name}</div>)],
    [t("fact.updated"), <Ago key="at" at={invoice.updatedAt} />],
  ];
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Provenance({ id }: { id: string }) {
  const found = useData(Sources, { id }, { on: ["INVOICE"] });
  return <Ready from={found}>{({ invoice }) => <ProvenanceTable fields={invoice?.provenance ?? []} />}</Ready>;
}

type Source = NonNullable<ResultOf<typeof Sources>["invoice"]>["provenance"][number];

/** Both sides of each field beside each other. */
export function ProvenanceTable({ fields }: { fields: readonly Source[] }) {
  const { t, word } = useWords();
  return (
    <ShortTable
      label={t("record.sources")}
      rows={fields}
      keyOf={(one) => one.field}
      empty={t("record.noSources")}
      columns={[
        { id: "field", title: t("column.field"), cell: (one) => <><span className="strong nowrap">{word("field", one.field)}</span><span className="sub nowrap">{one.owner ? word("side", one.owner) : t("record.newest")} {t("record.wins")}</span></> },
        { id: "severa", title: <SideTag side="SEVERA" />, cell: (one) => <Cell text={one.severaValue} /> },
        { id: "financials", title: <SideTag side="FINANCIALS" />, cell: (one) => <Cell text={one.financialsValue} /> },
        { id: "last", title: t("column.changed"), wide: true, cell: (one) => one.changedAt && <span className="small" title={[one.lastWriter, one.reason].filter(Boolean).join(" · ")}><Ago at={one.changedAt} /></span> },
      ]}
    />
  );
}

/** A value that has parts is shown as its parts, without their names. */
function plain(text: string | null): string {
  if (!text?.startsWith("{") && !text?.startsWith("[")) return text ?? "";
  try {
    const parts = Object.values(JSON.parse(text) as object);
    return parts.filter((one) => one !== null && one !== "").map(String).join(", ");
  } catch {
    return text;
  }
}

function Cell({ text }: { text: string | null }) {
  const shown = plain(text);
  return shown ? <span className="wrap">{shown}</span> : <Dash />;
}
