import { useWords } from "../i18n";
import { Icon, type IconName } from "./icons";

export type Tone = "ok" | "move" | "wait" | "bad" | "doubt" | "idle";

const LOOKS: Record<string, [Tone, IconName]> = {
  // Invoices
  DRAFT: ["idle", "idle"],
  READY: ["move", "move"],
  WAITING: ["wait", "wait"],
  CHECKED: ["move", "move"],
  CREATED: ["move", "move"],
  COMPARED: ["move", "move"],
  RELEASED: ["move", "move"],
  NUMBERED: ["ok", "number"],
  SENT: ["ok", "move"],
  PARTIALLY_PAID: ["ok", "half"],
  PAID: ["ok", "ok"],
  UNCERTAIN: ["doubt", "doubt"],
  FAILED: ["bad", "bad"],
  ORPHANED: ["bad", "bad"],
  CANCELLED: ["idle", "void"],
  NOT_IN_SCOPE: ["idle", "void"],
  // Records
  IN_SYNC: ["ok", "check"],
  PENDING: ["move", "move"],
  BLOCKED: ["bad", "bad"],
  CONFLICT: ["doubt", "conflict"],
  // Runs and status
  NEVER_RUN: ["idle", "idle"],
  QUEUED: ["idle", "wait"],
  RUNNING: ["move", "run"],
  SUCCEEDED: ["ok", "check"],
  SUCCEEDED_WITH_ISSUES: ["wait", "issue"],
  SKIPPED: ["idle", "void"],
  PAUSED: ["wait", "pause"],
  // Webhooks, attempts, plans, numbers, integrations
  RECEIVED: ["idle", "down"],
  PROCESSED: ["ok", "check"],
  DEAD: ["bad", "bad"],
  IGNORED: ["idle", "void"],
  OPEN: ["move", "move"],
  REFUSED: ["bad", "bad"],
  NOT_DONE: ["idle", "void"],
  STALE: ["wait", "wait"],
  USED: ["ok", "check"],
  DELETED: ["wait", "void"],
  MISSING: ["bad", "bad"],
  SETUP: ["move", "setup"],
  ACTIVE: ["ok", "check"],
  CLOSED: ["idle", "void"],
  LOST: ["idle", "void"],
  // Plans
  CREATE: ["move", "plus"],
  UPDATE: ["move", "pencil"],
  RENUMBER: ["doubt", "number"],
  INACTIVATE: ["wait", "pause"],
  NOTHING: ["idle", "idle"],
  REFUSE: ["bad", "bad"],
};

export function look(value: string): [Tone, IconName] {
  return LOOKS[value] ?? ["idle", "idle"];
}

export function State({ value, group = "state" }: { value: string; group?: string }) {
  const { word } = useWords();
  const [tone, icon] = group === "plan" && value === "READY" ? (["ok", "check"] as const) : look(value);
  return (
    <span className={`state tone-${tone}`} data-state={value}>
      <Icon name={icon} />
      {word(group, value)}
    </span>
  );
}

export function SideTag({ side }: { side: string }) {
  const { word } = useWords();
  return (
    <span className={`side-tag ${side}`}>
      <i aria-hidden="true" />
      {word("side", side)}
    </span>
  );
}
