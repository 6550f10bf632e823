import { Link } from "wouter";
import { graphql } from "../api/graphql";
import { usePages } from "../api/hooks";
import { saveCsv } from "../format";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Ago, Button, Empty, Head, Panel } from "../ui/kit";
import { State } from "../ui/state";
import { LongTable } from "../ui/table";

const Ledger = graphql(`
  query Numbers($integration: ID!, $first: Int, $after: String) {
    numberLedger(integrationId: $integration, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { number kind outcome explanation updatedAt invoice { id state } }
    }
  }
`);

/** Every number of the series, and what became of it. */
export function Numbers() {
  const { t, word } = useWords();
  const session = useSession();
  const pages = usePages(Ledger, { integration: session.integration?.id ?? "" }, (data) => data.numberLedger, { size: 100, on: ["INVOICE", "RUN"] });
  return (
    <>
      <Head title={t("nav.numbers")} sub={t("numbers.sub")}>
        <Button icon="download" onClick={() => saveCsv("numbers.csv", [["number", "kind", "outcome", "explanation"], ...pages.rows.map((one) => [one.number, one.kind, one.outcome, one.explanation])])}>
          {t("export.shown")}
        </Button>
      </Head>
      <Panel flush>
        <LongTable
          label={t("nav.numbers")}
          pages={pages}
          keyOf={(row) => `${row.kind} ${row.number}`}
          empty={<Empty title={t("numbers.none")} icon="number" />}
          columns={[
            { id: "number", title: t("column.number"), width: 120, cell: (row) => (row.invoice ? <Link href={`/invoices/${row.invoice.id}`} className="num strong">{row.number}</Link> : <span className="num">{row.number}</span>) },
            { id: "kind", title: t("column.kind"), width: 120, wide: true, cell: (row) => word("kind", row.kind) },
            { id: "outcome", title: t("column.outcome"), width: 130, cell: (row) => <State group="number" value={row.outcome} /> },
            { id: "explanation", title: t("column.what"), cell: (row) => <span title={row.explanation}>{row.explanation}</span> },
            { id: "invoice", title: t("column.invoice"), width: 150, wide: true, cell: (row) => row.invoice && <State value={row.invoice.state} /> },
            { id: "at", title: t("column.changed"), width: 130, wide: true, cell: (row) => <Ago at={row.updatedAt} /> },
          ]}
        />
      </Panel>
    </>
  );
}
