import { useMemo } from "react";
import type { InvoiceState, ResultOf } from "../api/graphql";
import { useData } from "../api/hooks";
import { useWords } from "../i18n";
import { Icon, type IconName } from "../ui/icons";
import { Empty, Moment, Ready } from "../ui/kit";
import { look, SideTag, State } from "../ui/state";
import { Past } from "./invoice";

const STAGES: InvoiceState[] = ["READY", "CHECKED", "CREATED", "COMPARED", "RELEASED", "NUMBERED", "SENT", "PAID"];

/** How far the invoice has come on its usual way; a stop is shown where it happened. */
export function Way({ invoice }: { invoice: { state: InvoiceState; number: string | null; sync: { issues: readonly unknown[] } } }) {
  const { t, word } = useWords();
  const [tone, icon] = look(invoice.state);
  const at = placeOf(invoice.state, invoice.number);
  const paid = invoice.state === "PAID";
  return (
    // biome-ignore lint: on a phone it scrolls sideways
    <ol className="way" aria-label={t("invoice.way")} tabIndex={0}>
      {STAGES.map((stage, index) => {
        const here = index === at && !paid;
        const done = index < at || paid;
        return (
          <li key={stage} className={`${done ? "done" : ""} ${here ? `here ${tone}` : ""}`} aria-current={here ? "step" : undefined}>
            <span className="dot">{done ? <Icon name="check" /> : here ? <Icon name={icon} /> : null}</span>
            {word("state", here ? invoice.state : stage)}
            {done && <span className="sr"> {t("invoice.done")}</span>}
          </li>
        );
      })}
    </ol>
  );
}

function placeOf(state: InvoiceState, number: string | null): number {
  const direct = STAGES.indexOf(state);
  if (direct >= 0) return direct;
  if (state === "PARTIALLY_PAID") return STAGES.indexOf("PAID");
  if (state === "DRAFT" || state === "NOT_IN_SCOPE" || state === "CANCELLED") return 0;
  if (state === "ORPHANED") return STAGES.indexOf("COMPARED");
  if (state === "UNCERTAIN") return number ? STAGES.indexOf("RELEASED") : STAGES.indexOf("CREATED");
  return STAGES.indexOf("CHECKED");
}

type Found = NonNullable<ResultOf<typeof Past>["invoice"]>;
type Event = { at: string; key: string; attempt?: Found["attempts"][number]; change?: Found["history"]["nodes"][number] };

/** What happened, newest first: changes of the record, and every call that wrote to a side. */
export function Timeline({ id }: { id: string }) {
  const { t } = useWords();
  const found = useData(Past, { id }, { on: ["INVOICE", "RUN"] });
  const events = useMemo(() => {
    const invoice = found.data?.invoice;
    const attempts = invoice?.attempts ?? [];
    const changes = invoice?.history.nodes ?? [];
    const all: Event[] = [
      ...attempts.map((attempt) => ({ at: attempt.startedAt, key: attempt.id, attempt })),
      ...changes.map((change) => ({ at: change.at, key: change.cursor, change })),
    ];
    return all.sort((one, other) => other.at.localeCompare(one.at));
  }, [found.data]);
  return (
    <Ready from={found}>
      {() =>
        events.length === 0 ? (
          <Empty title={t("invoice.noEvents")} icon="log" />
        ) : (
          <ol className="timeline">
            {events.map((event) => (event.attempt ? <AttemptItem key={event.key} attempt={event.attempt} /> : event.change ? <ChangeItem key={event.key} change={event.change} /> : null))}
          </ol>
        )
      }
    </Ready>
  );
}

/** The time is shown beside it in the reader's own form. */
export function withoutTime(outcome: string): string {
  const text = outcome.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: /, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Dot({ tone, icon }: { tone: string; icon: IconName }) {
  return (
    <span className={`dot tone-${tone}`}>
      <Icon name={icon} />
    </span>
  );
}

function AttemptItem({ attempt }: { attempt: Found["attempts"][number] }) {
  const { t, word } = useWords();
  const [tone, icon] = look(attempt.state);
  return (
    <li>
      <Dot tone={tone} icon={icon} />
      <div className="what">
        <span className="strong">{word("purpose", attempt.purpose)}</span>
        <SideTag side={attempt.side} />
        <State group="attempt" value={attempt.state} />
      </div>
      {attempt.outcome && <p>{withoutTime(attempt.outcome)}</p>}
      <p className="when">
        <Moment at={attempt.startedAt} />
      </p>
      <details className="small">
        <summary>{t("attempt.call")}</summary>
        <dl className="facts mono">
          <dt>{t("attempt.operation")}</dt>
          <dd>{attempt.operation}</dd>
          {attempt.mark && (
            <>
              <dt>{t("fact.mark")}</dt>
              <dd>{attempt.mark}</dd>
            </>
          )}
          {attempt.externalId && (
            <>
              <dt>{t("attempt.answered")}</dt>
              <dd>{attempt.externalId}</dd>
            </>
          )}
          {attempt.requestId && (
            <>
              <dt>{t("attempt.request")}</dt>
              <dd>{attempt.requestId}</dd>
            </>
          )}
        </dl>
      </details>
    </li>
  );
}

export function ChangeItem({ change }: { change: { kind: string; actor: string | null; reason: string | null; at: string; fields: readonly { field: string; before: string | null; after: string | null }[] } }) {
  const { t, word } = useWords();
  const state = change.fields.find((one) => one.field === "state")?.after;
  const [tone, icon] = state ? look(state.toUpperCase()) : (["idle", "pencil"] as const);
  return (
    <li>
      <Dot tone={tone} icon={icon} />
      <div className="what">
        <span className="strong">{word("change", change.kind.split(".").at(-1) ?? change.kind)}</span>
        {state && <State value={state.toUpperCase()} />}
        <span className="small muted">{[change.actor, change.reason].filter(Boolean).join(" · ")}</span>
      </div>
      {change.fields.length > 0 && (
        <details className="small">
          <summary>{t("change.fields", { count: change.fields.length })}</summary>
          <div className="fields">
            {change.fields.map((one) => (
              <div key={one.field}>
                <span className="muted">{word("field", one.field)}</span> {one.before && <span className="diff-a">{one.before}</span>} {one.after && <span className="diff-b">{one.after}</span>}
              </div>
            ))}
          </div>
        </details>
      )}
      <p className="when">
        <Moment at={change.at} />
      </p>
    </li>
  );
}
