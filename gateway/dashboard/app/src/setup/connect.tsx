import { type FormEvent, useState } from "react";
import { ask } from "../api/client";
import { graphql, type ResultOf } from "../api/graphql";
import { useWords } from "../i18n";
import { Button, Note, Panel, TextField, useAction } from "../ui/kit";
import { SideTag } from "../ui/state";

const Create = graphql(`
  mutation CreateIntegration($input: CreateIntegrationInput!) {
    createIntegration(input: $input) {
      integration { id name }
      webhooks { side url secret }
      userErrors { code message nextStep }
    }
  }
`);

const Update = graphql(`
  mutation UpdateCredentials($input: UpdateIntegrationCredentialsInput!) {
    updateIntegrationCredentials(input: $input) { integration { id } userErrors { code message nextStep } }
  }
`);

type Webhook = NonNullable<ResultOf<typeof Create>["createIntegration"]["webhooks"]>[number];

/** The credentials of both sides; secrets go in and are never shown again. */
export function Connect({ integration, done }: { integration?: string; done: (id: string) => void }) {
  const { t } = useWords();
  const [form, setForm] = useState({ name: "", severaId: "", severaSecret: "", financialsId: "", financialsSecret: "", tenant: "" });
  const [made, setMade] = useState<{ id: string; webhooks: readonly Webhook[] }>();
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  const severa = { clientId: form.severaId.trim(), clientSecret: form.severaSecret.trim() };
  const financials = { clientId: form.financialsId.trim(), clientSecret: form.financialsSecret.trim(), tenantId: form.tenant.trim() };
  const [save, busy] = useAction(
    async () => {
      if (integration) {
        const answer = (
          await ask(Update, {
            input: {
              integrationId: integration,
              severa: severa.clientId ? severa : null,
              financials: financials.clientId ? financials : null,
            },
          })
        ).updateIntegrationCredentials;
        if (answer.userErrors.length === 0) done(integration);
        return answer;
      }
      const answer = (await ask(Create, { input: { name: form.name.trim(), severa, financials } })).createIntegration;
      if (answer.integration) setMade({ id: answer.integration.id, webhooks: answer.webhooks ?? [] });
      return answer;
    },
    { done: integration ? t("connect.saved") : undefined },
  );
  if (made)
    return (
      <Panel title={t("connect.webhooks")}>
        <div className="stack">
          <Note tone="wait">{t("connect.webhooksText")}</Note>
          {made.webhooks.map((one) => (
            <div key={one.side} className="form">
              <SideTag side={one.side} />
              <input className="input mono" readOnly aria-label={`${one.side} ${t("column.address")}`} value={one.url} onFocus={(event) => event.target.select()} />
              <input className="input mono" readOnly aria-label={`${one.side} ${t("connect.secret")}`} value={one.secret} onFocus={(event) => event.target.select()} />
            </div>
          ))}
          <div className="row">
            <Button kind="primary" onClick={() => done(made.id)}>
              {t("setup.next")}
            </Button>
          </div>
        </div>
      </Panel>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  return (
    <form className="stack" onSubmit={submit}>
      {!integration && (
        <Panel title={t("connect.name")}>
          <TextField label={t("setting.name")} hint={t("connect.nameHint")} value={form.name} onChange={(name) => set({ name })} required />
        </Panel>
      )}
      <div className="cols">
        <Panel title={<SideTag side="SEVERA" />}>
          <div className="form">
            <p className="small muted">{t("connect.severaText")}</p>
            <TextField label={t("connect.clientId")} value={form.severaId} onChange={(severaId) => set({ severaId })} required={!integration} />
            <TextField label={t("connect.clientSecret")} type="password" autoComplete="new-password" value={form.severaSecret} onChange={(severaSecret) => set({ severaSecret })} required={!integration || Boolean(form.severaId)} />
          </div>
        </Panel>
        <Panel title={<SideTag side="FINANCIALS" />}>
          <div className="form">
            <p className="small muted">{t("connect.financialsText")}</p>
            <TextField label={t("connect.clientId")} value={form.financialsId} onChange={(financialsId) => set({ financialsId })} required={!integration} />
            <TextField label={t("connect.clientSecret")} type="password" autoComplete="new-password" value={form.financialsSecret} onChange={(financialsSecret) => set({ financialsSecret })} required={!integration || Boolean(form.financialsId)} />
            <TextField label={t("connect.tenant")} value={form.tenant} onChange={(tenant) => set({ tenant })} required={!integration || Boolean(form.financialsId)} />
          </div>
        </Panel>
      </div>
      <div className="row">
        <Button kind="primary" submit busy={busy}>
          {integration ? t("connect.replace") : t("connect.create")}
        </Button>
        {integration && (
          <Button onClick={() => done(integration)}>{t("setup.next")}</Button>
        )}
      </div>
    </form>
  );
}
