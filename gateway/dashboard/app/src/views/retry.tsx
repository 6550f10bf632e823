import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { ask } from "../api/client";
import { graphql } from "../api/graphql";
import { useData } from "../api/hooks";
import { saveCsv } from "../format";
import { useWords } from "../i18n";
import { Button, Dialog, Empty, Note, Ready, useAction } from "../ui/kit";
import { State } from "../ui/state";
import { ShortTable } from "../ui/table";
import type { Filter } from "./invoices";

const MakePlan = graphql(`
  mutation PlanRetry($input: PlanRetryInput!) {
    planRetry(input: $input) { plan { id } userErrors { code message nextStep } }
  }
`);

const Execute = graphql(`
  mutation ExecuteRetry($input: ExecuteRetryInput!) {
    executeRetry(input: $input) { plan { id state } userErrors { code message nextStep } }
  }
`);

const ThePlan = graphql(`
  query RetryPlan($id: ID!) {
    plan(id: $id) {
      id state reason executedAt
      items(first: 100) {
        totalCount
        nodes { label action forecast cause nextStep outcome record { __typename id ... on Invoice { state } } }
      }
    }
  }
`);

/** Plan first, then apply: what would happen to each invoice, then what did. */
export function RetryDialog({ integration, filter, close }: { integration: string; filter: Filter; close: () => void }) {
  const { t } = useWords();
  const [id, setId] = useState<string>();
  const asked = useRef(false);
  const [plan] = useAction(async () => {
    const answer = (await ask(MakePlan, { input: { integrationId: integration, filter } })).planRetry;
    if (answer.plan) setId(answer.plan.id);
    return answer;
  });
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void plan().then((good) => good || close());
  }, [plan, close]);
  return id ? (
    <PlanDialog id={id} close={close} />
  ) : (
    <Dialog title={t("retry.title")} wide onClose={close}>
      <p className="muted" role="status">{t("plan.making")}</p>
    </Dialog>
  );
}

function PlanDialog({ id, close }: { id: string; close: () => void }) {
  const { t, word } = useWords();
  const [settled, setSettled] = useState(false);
  const found = useData(ThePlan, { id }, { on: ["INVOICE"], every: settled ? undefined : 700 });
  const plan = found.data?.plan;
  const waits = plan?.state === "QUEUED" || plan?.state === "RUNNING";
  const items = plan?.items.nodes ?? [];
  const todo = items.filter((one) => one.action !== "REFUSE").length;
  const [started, setStarted] = useState(false);
  const done = started && items.every((one) => one.outcome || one.action === "REFUSE");
  useEffect(() => setSettled(Boolean(plan) && !waits && (!started || done)), [plan, waits, started, done]);
  const [execute, busy] = useAction(async () => (await ask(Execute, { input: { planId: id } })).executeRetry);
  return (
    <Dialog
      title={t("retry.title")}
      wide
      onClose={close}
      footer={
        <>
          {items.length > 0 && (
            <Button
              icon="download"
              onClick={() =>
                saveCsv("retry.csv", [
                  ["invoice", "action", "forecast", "cause", "nextStep", "outcome"],
                  ...items.map((one) => [one.label, one.action, one.forecast, one.cause, one.nextStep, one.outcome]),
                ])
              }
            >
              {t("export.csv")}
            </Button>
          )}
          <Button onClick={close}>{t("action.close")}</Button>
          {!started && (
            <Button
              kind="primary"
              busy={busy}
              disabled={plan?.state !== "READY" || todo === 0}
              onClick={() => void execute().then((good) => good && setStarted(true))}
            >
              {todo ? t("retry.go", { count: todo }) : t("retry.one")}
            </Button>
          )}
        </>
      }
    >
      <Ready from={found}>
        {() => {
          if (!plan || waits) return <p className="muted" role="status">{t("plan.making")}</p>;
          if (plan.state === "FAILED" || plan.state === "STALE") return <Note tone="bad">{plan.reason}</Note>;
          if (items.length === 0) return <Empty title={t("retry.nothing")} />;
          return (
            <>
              <p aria-live="polite">
                {done ? t("retry.done") : started ? t("retry.underway") : t("retry.text", { count: plan.items.totalCount })}
              </p>
              <ShortTable
                label={t("retry.title")}
                rows={items}
                keyOf={(one) => one.record?.id ?? one.label}
                columns={[
                  {
                    id: "label",
                    title: t("column.invoice"),
                    cell: (one) => (one.record ? <Link href={`/invoices/${one.record.id}`}>{one.label}</Link> : one.label),
                  },
                  { id: "action", title: t("column.action"), cell: (one) => <State group="action" value={one.action} /> },
                  {
                    id: "forecast",
                    title: started ? t("column.outcome") : t("column.forecast"),
                    cell: (one) => (
                      <>
                        {started ? (one.outcome ?? word("plan", "RUNNING")) : (one.forecast ?? one.cause)}
                        {!started && one.cause && one.forecast && <span className="sub">{one.cause}</span>}
                        {!started && one.nextStep && <span className="sub">{one.nextStep}</span>}
                      </>
                    ),
                  },
                  { id: "now", title: t("column.now"), cell: (one) => (one.record?.__typename === "Invoice" ? <State value={one.record.state} /> : null) },
                ]}
              />
            </>
          );
        }}
      </Ready>
    </Dialog>
  );
}
