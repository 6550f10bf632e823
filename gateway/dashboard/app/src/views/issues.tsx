import { useState } from "react";
import { Link } from "wouter";
import { ask } from "../api/client";
import { graphql, type ResultOf } from "../api/graphql";
import { useData, usePages } from "../api/hooks";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Ago, Button, Dialog, Empty, Field, Head, Money, Panel, Ready, Tabs, useAction } from "../ui/kit";
import { Icon } from "../ui/icons";
import { useAddress } from "../ui/query";
import { LongTable } from "../ui/table";
import { pathOf } from "./records";

const Causes = graphql(`
  query Causes($integration: ID) {
    rootCauses(integrationId: $integration) {
      code title cause nextStep recordsFreed oldest
      moneyFreed { currency amount }
      issues { id fixableBy retryable occurrences lastSeenAt records { __typename id ... on Invoice { number orderNumber } ... on Customer { name } ... on Product { code } ... on Project { projectNumber: number } } }
    }
  }
`);

const List = graphql(`
  query Issues($integration: ID, $filter: IssueFilter, $first: Int, $after: String) {
    issues(integrationId: $integration, filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id code title cause nextStep fixableBy occurrences openedAt lastSeenAt resolvedAt dismissedReason dismissedBy
        records { __typename id }
      }
    }
  }
`);

const Dismiss = graphql(`
  mutation DismissIssue($input: DismissIssueInput!) {
    dismissIssue(input: $input) { issue { id resolvedAt } userErrors { code message nextStep } }
  }
`);

type Cause = ResultOf<typeof Causes>["rootCauses"][number];

export function Issues() {
  const { t } = useWords();
  const [params, change] = useAddress();
  const tab = params.get("tab") === "all" ? "all" : "causes";
  return (
    <>
      <Head title={t("nav.issues")} sub={t("issues.sub")} />
      <div className="stack">
        <Tabs
          label={t("nav.issues")}
          value={tab}
          onChange={(next) => change({ tab: next === "all" ? "all" : null })}
          tabs={[["causes", t("issues.byCause")], ["all", t("issues.history")]]}
        />
        {tab === "all" ? <All /> : <ByCause code={params.get("code")} clear={() => change({ code: null })} />}
      </div>
    </>
  );
}

function ByCause({ code, clear }: { code: string | null; clear: () => void }) {
  const { t } = useWords();
  const session = useSession();
  const found = useData(Causes, { integration: session.integration?.id }, { on: ["ISSUE", "INVOICE", "RUN"] });
  return (
    <Ready from={found}>
      {({ rootCauses }) => {
        const shown = code ? rootCauses.filter((one) => one.code === code) : rootCauses;
        return (
          <div className="stack">
            {code && (
              <div>
                <button type="button" className="chip" aria-pressed="true" onClick={clear}>
                  {shown[0]?.title ?? code} <Icon name="close" label={t("action.remove")} />
                </button>
              </div>
            )}
            {shown.length === 0 && <Panel><Empty title={t("issues.none")}><p>{t("issues.noneText")}</p></Empty></Panel>}
            {shown.map((cause) => <CauseCard key={`${cause.code} ${cause.cause}`} cause={cause} />)}
          </div>
        );
      }}
    </Ready>
  );
}

function CauseCard({ cause }: { cause: Cause }) {
  const { t, word } = useWords();
  const session = useSession();
  const [dismissing, setDismissing] = useState<string>();
  const records = new Map(cause.issues.flatMap((issue) => issue.records).map((record) => [record.id, record]));
  const first = cause.issues[0];
  return (
    <Panel
      title={cause.title}
      tools={
        <span className="row num">
          {cause.moneyFreed.map((one) => (
            <span key={one.currency} className="strong">
              <Money amount={one.amount} currency={one.currency} />
            </span>
          ))}
        </span>
      }
    >
      <div className="stack">
        <p>{cause.cause}</p>
        <div className="help">
          <p>
            <span className="muted">{t("explain.next")}</span> {cause.nextStep}
          </p>
          {first && <p className="small muted">{t("issues.by")} {first.fixableBy}</p>}
        </div>
        <div className="row small">
          <span>{t("issues.frees", { count: cause.recordsFreed })}</span>
          <span className="muted">
            {t("issues.oldest")} <Ago at={cause.oldest} />
          </span>
          <Link href={`/invoices?issue=${cause.code}`}>{t("issues.invoices")}</Link>
          <span className="grow" />
          {session.can("RECORDS") && first && (
            <Button kind="quiet" onClick={() => setDismissing(first.id)}>
              {t("issues.dismiss")}
            </Button>
          )}
        </div>
        {records.size > 0 && (
          <ul className="chips">
            {[...records.values()].slice(0, 12).map((record) => (
              <li key={record.id}>
                <Link href={pathOf(record.__typename, record.id)} className="tag">
                  {word("type", record.__typename)} {nameOf(record)}
                </Link>
              </li>
            ))}
            {records.size > 12 && <li className="muted">+{records.size - 12}</li>}
          </ul>
        )}
      </div>
      {dismissing && <DismissDialog id={dismissing} close={() => setDismissing(undefined)} />}
    </Panel>
  );
}

function nameOf(record: Cause["issues"][number]["records"][number]): string {
  if (record.__typename === "Invoice") return record.number ?? record.orderNumber ?? "";
  if (record.__typename === "Customer") return record.name;
  if (record.__typename === "Product") return record.code;
  if (record.__typename === "Project") return record.projectNumber;
  return "";
}

function DismissDialog({ id, close }: { id: string; close: () => void }) {
  const { t } = useWords();
  const [reason, setReason] = useState("");
  const [dismiss, busy] = useAction(async () => (await ask(Dismiss, { input: { issueId: id, reason } })).dismissIssue, {
    done: t("issues.dismissed"),
    after: close,
  });
  return (
    <Dialog
      title={t("issues.dismiss")}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" busy={busy} disabled={!reason.trim()} onClick={() => void dismiss()}>
            {t("issues.dismiss")}
          </Button>
        </>
      }
    >
      <p>{t("issues.dismissText")}</p>
      <Field label={t("column.reason")}>{(field) => <textarea id={field} rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />}</Field>
    </Dialog>
  );
}

function All() {
  const { t } = useWords();
  const session = useSession();
  const pages = usePages(List, { integration: session.integration?.id, filter: null }, (data) => data.issues, { on: ["ISSUE"] });
  return (
    <Panel flush>
      <LongTable
        label={t("issues.history")}
        pages={pages}
        keyOf={(row) => row.id}
        rowHeight={54}
        empty={<Empty title={t("issues.none")} />}
        columns={[
          { id: "open", title: t("column.state"), width: 124, cell: (row) => (row.resolvedAt ? <span className="state tone-ok"><Icon name="check" />{row.dismissedReason ? t("issues.dismissedShort") : t("issues.solved")}</span> : <span className="state tone-bad"><Icon name="bad" />{t("issues.open")}</span>) },
          { id: "title", title: t("column.what"), cell: (row) => <><span className="strong" title={row.cause}>{row.title}</span><span className="sub" title={row.cause}>{row.dismissedReason ? `${row.dismissedBy}: ${row.dismissedReason}` : row.cause}</span></> },
          { id: "records", title: t("column.records"), width: 150, wide: true, cell: (row) => <span>{row.records.slice(0, 1).map((one) => <Link key={one.id} href={pathOf(one.__typename, one.id)}>{t("issues.record")}</Link>)}{row.records.length > 1 && ` +${row.records.length - 1}`}</span> },
          { id: "seen", title: t("column.times"), width: 80, right: true, wide: true, cell: (row) => <span className="num">{row.occurrences}</span> },
          { id: "opened", title: t("column.opened"), width: 130, cell: (row) => <Ago at={row.openedAt} /> },
        ]}
      />
    </Panel>
  );
}
