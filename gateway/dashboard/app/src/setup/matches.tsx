import { useState } from "react";
import { ask } from "../api/client";
import { type Entity, type Enum, graphql, type ResultOf } from "../api/graphql";
import { usePages } from "../api/hooks";
import { useWords } from "../i18n";
import { Button, Choice, Dash, Empty, Note, Panel, Tabs, useAction } from "../ui/kit";
import { SideTag } from "../ui/state";
import { LongTable } from "../ui/table";

const List = graphql(`
  query Matches($integration: ID!, $entity: Entity!, $first: Int, $after: String) {
    matchCandidates(integrationId: $integration, entity: $entity, first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id kind reason proposal decision needsDecision decidedBy
        severa { key number name vatNumber }
        financials { key number name vatNumber }
      }
    }
  }
`);

const Decide = graphql(`
  mutation DecideMatches($input: DecideMatchesInput!) {
    decideMatches(input: $input) { decided userErrors { code message nextStep } }
  }
`);

type Decision = Enum<"MatchDecision">;
type Candidate = ResultOf<typeof List>["matchCandidates"]["nodes"][number];
const ENTITIES: Entity[] = ["CUSTOMER", "PRODUCT", "PROJECT"];

/** Records that exist on one side or on both: which belong together, and what becomes of the rest. */
export function Matches({ integration }: { integration: string }) {
  const { t, word } = useWords();
  const [entity, setEntity] = useState<Entity>("CUSTOMER");
  const pages = usePages(List, { integration, entity }, (data) => data.matchCandidates, { size: 100, on: ["RUN"] });
  const open = pages.rows.filter((one) => one.needsDecision && !one.decision).length;
  const [decide, busy] = useAction(
    async (input: { decisions?: { candidateId: string; decision: Decision }[]; acceptProposals?: boolean; entity?: Entity }) =>
      (await ask(Decide, { input: { integrationId: integration, ...input } })).decideMatches,
    { after: pages.refresh },
  );
  return (
    <div className="stack">
      <Tabs label={t("matches.title")} value={entity} onChange={setEntity} tabs={ENTITIES.map((one) => [one, word("entity", one)])} />
      {open > 0 && <Note tone="wait">{t("matches.open", { count: open })}</Note>}
      <Panel
        flush
        title={t("matches.title")}
        tools={
          <Button busy={busy} disabled={pages.rows.length === 0} onClick={() => void decide({ acceptProposals: true, entity })}>
            {t("matches.accept")}
          </Button>
        }
      >
        <LongTable<Candidate>
          label={t("matches.title")}
          pages={pages}
          keyOf={(row) => row.id}
          rowHeight={56}
          empty={<Empty title={t("matches.none")}><p>{t("matches.noneText")}</p></Empty>}
          columns={[
            { id: "severa", title: <SideTag side="SEVERA" />, cell: (row) => <Thing thing={row.severa} /> },
            { id: "financials", title: <SideTag side="FINANCIALS" />, cell: (row) => <Thing thing={row.financials} /> },
            { id: "kind", title: t("column.match"), width: 190, wide: true, cell: (row) => <span title={row.reason}>{word("match", row.kind)}<span className="sub">{row.reason}</span></span> },
            {
              id: "decision",
              title: t("column.decision"),
              width: 210,
              cell: (row) => (
                <Choice
                  label={`${t("column.decision")} ${row.severa?.name ?? row.financials?.name ?? ""}`}
                  hidden
                  value={row.decision ?? ""}
                  options={[
                    ["", row.proposal ? `${word("decision", row.proposal)} (${t("matches.proposal")})` : t("matches.choose")],
                    ...(["LINK", "CREATE", "LEAVE"] as const)
                      .filter((one) => one !== "LINK" || (row.severa && row.financials))
                      .map((one): [Decision, string] => [one, word("decision", one)]),
                  ]}
                  onChange={(value) => value && void decide({ decisions: [{ candidateId: row.id, decision: value as Decision }] })}
                />
              ),
            },
          ]}
        />
      </Panel>
    </div>
  );
}

function Thing({ thing }: { thing: Candidate["severa"] }) {
  if (!thing) return <Dash />;
  return (
    <>
      <span title={thing.name ?? undefined}>{thing.name}</span>
      <span className="sub mono">{[thing.number ?? thing.key, thing.vatNumber].filter(Boolean).join(" · ")}</span>
    </>
  );
}
