import { Link } from "wouter";
import { graphql, type ResultOf } from "../api/graphql";
import { useData } from "../api/hooks";
import { useWords } from "../i18n";
import { Ago, Empty, Head, Note, Panel, Ready } from "../ui/kit";
import { State } from "../ui/state";
import { EditRecord } from "./edit";
import { ProvenanceTable } from "./invoice";
import { YesNo } from "./records";
import { Twins } from "./twins";
import { ChangeItem } from "./way";

const One = graphql(`
  query Record($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on SyncedRecord {
        createdAt updatedAt
        sync { state reason lastSyncedAt issues { id title cause nextStep fixableBy } }
        links { side externalId externalNumber lastSeenAt missingSince }
        provenance { field owner value severaValue financialsValue lastWriter changedAt reason }
        history(first: 40) { nodes { cursor kind previousState actor reason at fields { field before after } } }
      }
      ... on Customer {
        number customerName: name vatNumber currency paymentTermDays email website notes isActive
        customerClass { name }
        addresses { id kind lines postalCode city country }
        contacts { id firstName lastName email phone mobile isActive }
      }
      ... on Product { code productName: name kind unitPrice unit isActive inventoryClass { name } }
      ... on Project { projectNumber: number projectName: name status isSalesCase startDate customer { id name } }
    }
    explain(id: $id) { text nextStep }
  }
`);

export type RecordNode = NonNullable<ResultOf<typeof One>["node"]>;

/** A customer, product or project with both sides beside each other. */
export function RecordView({ id }: { id: string }) {
  const { t, word } = useWords();
  const found = useData(One, { id }, { on: ["CUSTOMER", "PRODUCT", "PROJECT", "ISSUE"] });
  return (
    <Ready from={found}>
      {({ node, explain }) => {
        if (!node || !("sync" in node)) return <Empty title={t("unknown.title")} icon="void" />;
        const calm = node.sync.state === "IN_SYNC" && node.sync.issues.length === 0;
        return (
          <>
            <Head
              title={titleOf(node)}
              sub={
                <span className="row">
                  <State value={node.sync.state} />
                  <span>{word("type", node.__typename)}</span>
                  <span className="small">
                    {t("record.agreed")} <Ago at={node.sync.lastSyncedAt} />
                  </span>
                </span>
              }
            >
              <EditRecord node={node} done={found.refresh} />
            </Head>
            <div className="stack">
              {!calm && (
                <Note tone={node.sync.issues.length ? "bad" : "wait"}>
                  <p className="strong">{explain.text}</p>
                  {explain.nextStep && (
                    <p>
                      <span className="muted">{t("explain.next")}</span> {explain.nextStep}
                    </p>
                  )}
                  {node.sync.state === "CONFLICT" && (
                    <p>
                      <Link href="/conflicts">{t("conflicts.choose")}</Link>
                    </p>
                  )}
                </Note>
              )}
              <div className="split">
                <div className="stack">
                  <Panel title={t("record.both")} flush>
                    <ProvenanceTable fields={node.provenance} />
                  </Panel>
                  <Panel title={t("record.history")}>
                    {node.history.nodes.length === 0 ? (
                      <p className="muted">{t("invoice.noEvents")}</p>
                    ) : (
                      <ol className="timeline">
                        {node.history.nodes.map((change) => (
                          <ChangeItem key={change.cursor} change={change} />
                        ))}
                      </ol>
                    )}
                  </Panel>
                </div>
                <div className="stack">
                  <Panel title={t("invoice.facts")}>
                    <Facts node={node} />
                  </Panel>
                  <Panel title={t("record.links")}>
                    <Twins links={node.links} />
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

function titleOf(node: RecordNode): string {
  if (node.__typename === "Customer") return node.customerName;
  if (node.__typename === "Product") return node.productName;
  if (node.__typename === "Project") return node.projectName;
  return node.__typename;
}

function Facts({ node }: { node: RecordNode }) {
  const { t, word, date, decimal } = useWords();
  const facts: [string, React.ReactNode][] = [];
  if (node.__typename === "Customer") {
    facts.push([t("column.number"), node.number], [t("field.vatNumber"), node.vatNumber], [t("column.currency"), node.currency]);
    facts.push([t("field.customerClass"), node.customerClass?.name], [t("field.isActive"), <YesNo key="a" value={node.isActive} />]);
    for (const one of node.addresses)
      facts.push([word("address", one.kind), <span key={one.id}>{[...one.lines, [one.postalCode, one.city].filter(Boolean).join(" "), one.country].filter(Boolean).map((line) => <span key={line} className="sub">{line}</span>)}</span>]);
    for (const one of node.contacts)
      facts.push([t("record.contact"), <span key={one.id}>{[one.firstName, one.lastName].filter(Boolean).join(" ")}<span className="sub">{[one.email, one.phone, one.mobile].filter(Boolean).join(" · ")}</span></span>]);
    facts.push([t("nav.invoices"), <Link key="i" href={`/invoices?customer=${node.id}`}>{t("record.show")}</Link>]);
  } else if (node.__typename === "Product") {
    facts.push([t("column.code"), node.code], [t("column.kind"), word("productKind", node.kind)]);
    facts.push([t("column.price"), node.unitPrice && `${decimal(node.unitPrice, 4)}${node.unit ? ` / ${node.unit}` : ""}`]);
    facts.push([t("field.inventoryClass"), node.inventoryClass?.name], [t("field.isActive"), <YesNo key="a" value={node.isActive} />]);
  } else if (node.__typename === "Project") {
    facts.push([t("column.number"), node.projectNumber], [t("field.status"), word("project", node.status)]);
    facts.push([t("column.customer"), node.customer && <Link key="c" href={`/customers/${node.customer.id}`}>{node.customer.name}</Link>]);
    facts.push([t("field.startDate"), date(node.startDate)], [t("project.salesCase"), <YesNo key="s" value={node.isSalesCase} />]);
    facts.push([t("nav.invoices"), <Link key="i" href={`/invoices?project=${node.id}`}>{t("record.show")}</Link>]);
  }
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value], index) => (
          // biome-ignore lint: contacts share a name
          <div key={`${name}${index}`} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
