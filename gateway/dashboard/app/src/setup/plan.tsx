import { useEffect, useState } from "react";
import { ask } from "../api/client";
import { graphql, type ResultOf } from "../api/graphql";
import { useData, usePages } from "../api/hooks";
import { saveCsv } from "../format";
import { useWords } from "../i18n";
import { Ago, Button, Choice, Empty, Money, Note, Panel, Ready, Search, useAction } from "../ui/kit";
import { SideTag, State } from "../ui/state";
import { LongTable, ShortTable } from "../ui/table";

const Newest = graphql(`
  query PlanSync($id: ID!) {
    planSync(integrationId: $id) {
      id state reason createdAt finishedAt
      counts { entity side action count money currency }
    }
  }
`);

const Items = graphql(`
  query PlanItems($id: ID!, $first: Int, $after: String) {
    plan(id: $id) {
      items(first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { entity label side action forecast cause nextStep fields { field before after } }
      }
    }
  }
`);

const Start = graphql(`
  mutation StartPlan($input: StartPlanInput!) {
    startPlan(input: $input) { plan { id state } userErrors { code message nextStep } }
  }
`);

type Item = NonNullable<ResultOf<typeof Items>["plan"]>["items"]["nodes"][number];

/** What the next sync would write, exactly, before it does. */
export function SyncPlan({ integration }: { integration: string }) {
  const { t, word, number } = useWords();
  const [settled, setSettled] = useState(false);
  const found = useData(Newest, { id: integration }, { every: settled ? undefined : 1000 });
  const plan = found.data?.planSync;
  const waits = plan?.state === "QUEUED" || plan?.state === "RUNNING";
  useEffect(() => setSettled(found.data !== undefined && !waits), [found.data, waits]);
  const [start, busy] = useAction(async () => (await ask(Start, { input: { integrationId: integration } })).startPlan, { after: found.refresh });
  const again = (
    <Button icon="run" kind={plan ? undefined : "primary"} busy={busy} onClick={() => void start()}>
      {plan ? t("plan.again") : t("plan.make")}
    </Button>
  );
  return (
    <Ready from={found}>
      {() => (
        <div className="stack">
          <Panel title={t("plan.title")} tools={again} flush={Boolean(plan && !waits)}>
            {!plan && <Empty title={t("plan.none")} icon="log" />}
            {waits && <p className="muted" role="status">{t("plan.making")}</p>}
            {plan && !waits && (
              <>
                <div className="body">
                  <p className="row small muted">
                    <State group="plan" value={plan.state} /> <Ago at={plan.finishedAt ?? plan.createdAt} />
                  </p>
                  {plan.reason && <Note tone={plan.state === "FAILED" ? "bad" : "wait"}>{plan.reason}</Note>}
                </div>
                <ShortTable
                  label={t("plan.counts")}
                  rows={plan.counts}
                  keyOf={(row) => `${row.entity}${row.side}${row.action}${row.currency}`}
                  empty={t("plan.nothing")}
                  columns={[
                    { id: "entity", title: t("health.entity"), cell: (row) => word("entity", row.entity) },
                    { id: "side", title: t("column.to"), cell: (row) => <SideTag side={row.side} /> },
                    { id: "action", title: t("column.action"), cell: (row) => <State group="action" value={row.action} /> },
                    { id: "count", title: t("column.count"), right: true, cell: (row) => <span className="num strong">{number(row.count)}</span> },
                    { id: "money", title: t("column.amount"), right: true, wide: true, cell: (row) => row.money && <Money amount={row.money} currency={row.currency} /> },
                  ]}
                />
              </>
            )}
          </Panel>
          {plan?.state === "READY" && <PlanItems id={plan.id} />}
        </div>
      )}
    </Ready>
  );
}

function PlanItems({ id }: { id: string }) {
  const { t, word } = useWords();
  const [text, setText] = useState("");
  const [action, setAction] = useState("");
  const pages = usePages(Items, { id }, (data) => data.plan?.items ?? { nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } }, { size: 100 });
  const wanted = text.trim().toLowerCase();
  const rows = pages.rows.filter((one) => (!action || one.action === action) && (!wanted || `${one.label} ${one.cause ?? ""}`.toLowerCase().includes(wanted)));
  // A search looks at everything, so everything is fetched.
  useEffect(() => {
    if ((wanted || action) && pages.more) pages.loadMore();
  }, [wanted, action, pages]);
  const [save, saving] = useAction(async () => {
    const all: Item[] = [];
    let after: string | null = null;
    do {
      const answer: ResultOf<typeof Items> = await ask(Items, { id, first: 100, after });
      const items: NonNullable<ResultOf<typeof Items>["plan"]>["items"] | undefined = answer.plan?.items;
      all.push(...(items?.nodes ?? []));
      after = items?.pageInfo.hasNextPage ? items.pageInfo.endCursor : null;
    } while (after);
    saveCsv("plan.csv", [
      ["entity", "record", "side", "action", "fields", "forecast", "cause", "nextStep"],
      ...all.map((one) => [one.entity, one.label, one.side, one.action, fieldsText(one), one.forecast, one.cause, one.nextStep]),
    ]);
    return undefined;
  });
  return (
    <Panel flush title={t("plan.items")} tools={<Button icon="download" busy={saving} onClick={() => void save()}>{t("export.csv")}</Button>}>
      <div className="filters">
        <Search label={t("records.search")} value={text} onChange={setText} />
        <Choice label={t("column.action")} hidden value={action} options={[["", t("plan.anyAction")], ...["CREATE", "UPDATE", "RENUMBER", "INACTIVATE", "REFUSE"].map((one): [string, string] => [one, word("action", one)])]} onChange={setAction} />
      </div>
      <LongTable<Item>
        label={t("plan.items")}
        pages={{ ...pages, rows, more: wanted || action ? false : pages.more }}
        keyOf={(row) => `${row.entity}${row.side}${row.action}${row.label}${fieldsText(row)}`}
        rowHeight={54}
        empty={<Empty title={t("plan.nothing")} />}
        columns={[
          { id: "label", title: t("column.what"), cell: (row) => <><span className="strong" title={row.label}>{row.label}</span><span className="sub">{word("entity", row.entity)}</span></> },
          { id: "side", title: t("column.to"), width: 120, wide: true, cell: (row) => <SideTag side={row.side} /> },
          { id: "action", title: t("column.action"), width: 140, cell: (row) => <State group="action" value={row.action} /> },
          { id: "fields", title: t("column.fields"), wide: true, cell: (row) => <span className="small" title={fieldsText(row)}>{row.cause ?? row.forecast ?? fieldsText(row)}</span> },
        ]}
      />
    </Panel>
  );
}

function fieldsText(item: Item): string {
  return item.fields.map((one) => `${one.field}: ${one.before ?? "–"} → ${one.after ?? "–"}`).join("; ");
}
