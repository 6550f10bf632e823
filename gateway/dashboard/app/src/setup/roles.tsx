import { useEffect, useState } from "react";
import { ask } from "../api/client";
import { type Enum, graphql } from "../api/graphql";
import { useData } from "../api/hooks";
import { useWords } from "../i18n";
import { Button, Choice, Empty, Panel, Ready, useAction } from "../ui/kit";
import { Icon, type IconName } from "../ui/icons";

const Roles = graphql(`
  query StatusRoles($id: ID!) { statusRoles(integrationId: $id) { statusId statusName role } }
`);

const SetRoles = graphql(`
  mutation SetStatusRoles($input: SetStatusRolesInput!) {
    setStatusRoles(input: $input) { integration { id } userErrors { code message nextStep } }
  }
`);

type Role = Enum<"InvoiceStatusRole">;
const LIFE: [Role, IconName, string][] = [
  ["DRAFT", "pencil", "idle"],
  ["TRANSFER", "move", "move"],
  ["FAILED", "bad", "bad"],
  ["SUCCESS", "number", "ok"],
  ["SENT", "move", "ok"],
  ["PARTIALLY_PAID", "half", "ok"],
  ["PAID", "ok", "ok"],
];

/** The life of an invoice, with the status of Severa that stands for each stage. */
export function StatusRoles({ integration, disabled }: { integration: string; disabled?: boolean }) {
  const { t } = useWords();
  const found = useData(Roles, { id: integration }, { on: ["RUN"] });
  return (
    <Panel title={t("roles.title")}>
      <Ready from={found}>
        {({ statusRoles }) =>
          statusRoles.length === 0 ? (
            <Empty title={t("roles.none")} icon="run" />
          ) : (
            <Picture integration={integration} statuses={statusRoles} disabled={disabled} saved={found.refresh} />
          )
        }
      </Ready>
    </Panel>
  );
}

function Picture(props: {
  integration: string;
  statuses: readonly { statusId: string; statusName: string | null; role: Role | null }[];
  disabled?: boolean;
  saved: () => void;
}) {
  const { t, word } = useWords();
  const known = JSON.stringify(Object.fromEntries(props.statuses.filter((one) => one.role).map((one) => [one.role, one.statusId])));
  const [chosen, setChosen] = useState<Partial<Record<Role, string>>>(JSON.parse(known));
  useEffect(() => setChosen(JSON.parse(known)), [known]);
  const [save, busy] = useAction(
    async (roles: { statusId: string; role: Role }[]) => (await ask(SetRoles, { input: { integrationId: props.integration, roles } })).setStatusRoles,
    { done: t("roles.saved"), after: props.saved },
  );
  const changed = JSON.stringify(chosen) !== known;
  return (
    <div className="stack">
      <p className="muted">{t("roles.text")}</p>
      <ol className="life">
        {LIFE.map(([role, icon, tone], index) => (
          <li key={role} className={`stage ${chosen[role] ? "" : "off"}`}>
            <span className={`row strong tone-${tone}`}>
              <Icon name={icon} /> {index + 1}. {word("role", role)}
            </span>
            <span className="small muted">{word("roleText", role)}</span>
            <Choice
              label={word("role", role)}
              hidden
              disabled={props.disabled}
              value={chosen[role] ?? ""}
              options={[["", "–"], ...props.statuses.map((one): [string, string] => [one.statusId, one.statusName ?? one.statusId])]}
              onChange={(value) => setChosen((old) => ({ ...old, [role]: value || undefined }))}
            />
          </li>
        ))}
      </ol>
      {!props.disabled && (
        <div className="row">
          <Button
            kind="primary"
            busy={busy}
            disabled={!changed}
            onClick={() => void save(LIFE.flatMap(([role]) => (chosen[role] ? [{ role, statusId: chosen[role] as string }] : [])))}
          >
            {t("action.save")}
          </Button>
          <Button kind="quiet" busy={busy} onClick={() => void save([])}>
            {t("roles.infer")}
          </Button>
        </div>
      )}
    </div>
  );
}
