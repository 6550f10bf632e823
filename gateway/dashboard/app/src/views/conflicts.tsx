import { useState } from "react";
import { Link } from "wouter";
import { ask } from "../api/client";
import { graphql, type ResultOf, type Side } from "../api/graphql";
import { usePages } from "../api/hooks";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Ago, Button, Check, Dash, Empty, Head, Panel, Trouble, useAction } from "../ui/kit";
import { SideTag } from "../ui/state";
import { pathOf } from "./records";

const List = graphql(`
  query Conflicts($integration: ID, $first: Int, $after: String) {
    conflicts(integrationId: $integration, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id field base severaValue financialsValue openedAt resolvedAt chosenSide resolvedBy
        record { __typename id ... on Customer { name number } ... on Product { code title: name } ... on Project { title: name } }
      }
    }
  }
`);

const Resolve = graphql(`
  mutation ResolveConflict($input: ResolveConflictInput!) {
    resolveConflict(input: $input) { conflict { id chosenSide resolvedAt } userErrors { code message nextStep } }
  }
`);

type Conflict = ResultOf<typeof List>["conflicts"]["nodes"][number];

/** Both sides changed the same field: a person picks the value that stays. */
export function Conflicts() {
  const { t } = useWords();
  const session = useSession();
  const pages = usePages(List, { integration: session.integration?.id }, (data) => data.conflicts, {
    on: ["RUN", "CUSTOMER", "PRODUCT", "PROJECT"],
  });
  return (
    <>
      <Head title={t("nav.conflicts")} sub={t("conflicts.sub")} />
      <div className="stack">
        {pages.error && <Trouble error={pages.error} retry={pages.refresh} />}
        {!pages.loading && pages.rows.length === 0 && (
          <Panel>
            <Empty title={t("conflicts.none")}>
              <p>{t("conflicts.noneText")}</p>
            </Empty>
          </Panel>
        )}
        {pages.rows.map((one) => (
          <Card key={one.id} conflict={one} refresh={pages.refresh} />
        ))}
        {pages.more && pages.rows.length > 0 && <Button onClick={pages.loadMore}>{t("action.more")}</Button>}
      </div>
    </>
  );
}

function Card({ conflict, refresh }: { conflict: Conflict; refresh: () => void }) {
  const { t, word } = useWords();
  const session = useSession();
  const [rule, setRule] = useState(false);
  const [resolve, busy] = useAction(
    async (side: Side) => (await ask(Resolve, { input: { conflictId: conflict.id, side, makeRule: rule } })).resolveConflict,
    { done: t("conflicts.chosen"), after: refresh },
  );
  const { record } = conflict;
  const name =
    record.__typename === "Customer" ? record.name : record.__typename === "Product" || record.__typename === "Project" ? record.title : "";
  const open = !conflict.resolvedAt && !conflict.chosenSide;
  return (
    <Panel
      title={
        <>
          <Link href={pathOf(record.__typename, record.id)}>{name || word("type", record.__typename)}</Link>
          <span className="muted"> · {word("field", conflict.field)}</span>
        </>
      }
      tools={<span className="small muted"><Ago at={conflict.openedAt} /></span>}
    >
      <div className="stack">
        <div className="cols">
          <Value side="SEVERA" text={conflict.severaValue} chosen={conflict.chosenSide === "SEVERA"} pick={open && session.can("RECORDS") ? () => void resolve("SEVERA") : undefined} busy={busy} />
          <Value side="FINANCIALS" text={conflict.financialsValue} chosen={conflict.chosenSide === "FINANCIALS"} pick={open && session.can("RECORDS") ? () => void resolve("FINANCIALS") : undefined} busy={busy} />
        </div>
        <p className="small muted">
          {t("conflicts.before")} {conflict.base ?? <Dash />}
        </p>
        {conflict.chosenSide && <p className="small" role="status">{t("conflicts.waits", { side: word("side", conflict.chosenSide) })}</p>}
        {open && session.can("RECORDS") && <Check label={t("conflicts.rule", { field: word("field", conflict.field) })} checked={rule} onChange={setRule} />}
      </div>
    </Panel>
  );
}

function Value({ side, text, chosen, pick, busy }: { side: Side; text: string | null; chosen: boolean; pick?: () => void; busy: boolean }) {
  const { t, word } = useWords();
  return (
    <div className="stage">
      <p className="row">
        <SideTag side={side} />
        {chosen && <span className="tone-ok small strong">✓ {t("conflicts.kept")}</span>}
      </p>
      <p className="strong">{text ?? <Dash />}</p>
      {pick && (
        <p>
          <Button busy={busy} onClick={pick}>
            {t("conflicts.keep", { side: word("side", side) })}
          </Button>
        </p>
      )}
    </div>
  );
}
