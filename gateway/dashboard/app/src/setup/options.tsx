import { useEffect, useState } from "react";
import { ask } from "../api/client";
import { graphql, type ResultOf } from "../api/graphql";
import { useData } from "../api/hooks";
import { type Key, useWords } from "../i18n";
import { Button, Check, Choice, Field, Panel, Ready, TextField, useAction } from "../ui/kit";

const Settings = graphql(`
  query Settings($id: ID!) {
    integration(id: $id) {
      id name state startFrom baseCurrency organizationNumber severaOrganizationId financialsTenantId
      settings {
        costMode costMultiplier costStartFrom severalProjects release attachments applyCreditNotes pdfAfterRelease
        branches { key value } units { key value } terms { key value }
      }
    }
  }
`);

const Save = graphql(`
  mutation UpdateSettings($input: UpdateIntegrationSettingsInput!) {
    updateIntegrationSettings(input: $input) { integration { id } userErrors { code message nextStep } }
  }
`);

type Found = NonNullable<ResultOf<typeof Settings>["integration"]>;

/** How an integration transfers what it transfers. */
export function Options({ integration, disabled, saved }: { integration: string; disabled?: boolean; saved?: () => void }) {
  const found = useData(Settings, { id: integration });
  return (
    <Ready from={found}>
      {(data) =>
        data.integration && (
          <OptionForm
            found={data.integration}
            disabled={disabled}
            saved={() => {
              found.refresh();
              saved?.();
            }}
          />
        )
      }
    </Ready>
  );
}

function OptionForm({ found, disabled, saved }: { found: Found; disabled?: boolean; saved: () => void }) {
  const { t, word } = useWords();
  const first = {
    name: found.name,
    startFrom: found.startFrom ?? "",
    release: found.settings.release,
    severalProjects: found.settings.severalProjects,
    costMode: found.settings.costMode,
    costMultiplier: found.settings.costMultiplier,
    costStartFrom: found.settings.costStartFrom ?? "",
    attachments: found.settings.attachments,
    applyCreditNotes: found.settings.applyCreditNotes,
    pdfAfterRelease: found.settings.pdfAfterRelease,
    branches: table(found.settings.branches),
    units: table(found.settings.units),
    terms: table(found.settings.terms),
  };
  const [form, setForm] = useState(first);
  const key = JSON.stringify(first);
  // biome-ignore lint: what was saved comes back
  useEffect(() => setForm(JSON.parse(key)), [key]);
  const set = (part: Partial<typeof first>) => setForm((old) => ({ ...old, ...part }));
  const changed = Object.fromEntries(
    Object.entries(form)
      .filter(([name, value]) => value !== first[name as keyof typeof first])
      .map(([name, value]) => [name, ["branches", "units", "terms"].includes(name) ? entries(String(value)) : value === "" ? null : value]),
  );
  const [save, busy] = useAction(
    async () => (await ask(Save, { input: { integrationId: found.id, ...changed } })).updateIntegrationSettings,
    { done: t("settings.saved"), after: saved },
  );
  const choice = <Name extends "release" | "severalProjects" | "costMode">(name: Name, values: readonly Found["settings"][Name][]) => (
    <Choice
      label={t(`setting.${name}` as Key)}
      hint={t(`setting.${name}.hint` as Key)}
      value={form[name] as string}
      disabled={disabled}
      options={values.map((value) => [value, word(name, value)])}
      onChange={(value) => set({ [name]: value } as Partial<typeof first>)}
    />
  );
  const text = (name: "branches" | "units" | "terms") => (
    <Field label={t(`setting.${name}`)} hint={t(`setting.${name}.hint`)}>
      {(id, hint) => <textarea id={id} aria-describedby={hint} className="mono" rows={3} disabled={disabled} value={form[name]} onChange={(event) => set({ [name]: event.target.value })} />}
    </Field>
  );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Panel title={t("settings.transfer")}>
        <div className="form two">
          <TextField label={t("setting.name")} value={form.name} onChange={(name) => set({ name })} disabled={disabled} required />
          <TextField label={t("setting.startFrom")} hint={t("setting.startFrom.hint")} type="date" value={form.startFrom} onChange={(startFrom) => set({ startFrom })} disabled={disabled} />
          {choice("release", ["AUTOMATIC", "BY_HAND"])}
          {choice("severalProjects", ["REFUSE", "FIRST", "NONE"])}
          <Check label={t("setting.attachments")} checked={form.attachments} onChange={(attachments) => set({ attachments })} disabled={disabled} />
          <Check label={t("setting.applyCreditNotes")} checked={form.applyCreditNotes} onChange={(applyCreditNotes) => set({ applyCreditNotes })} disabled={disabled} />
          <Check label={t("setting.pdfAfterRelease")} checked={form.pdfAfterRelease} onChange={(pdfAfterRelease) => set({ pdfAfterRelease })} disabled={disabled} />
        </div>
      </Panel>
      <Panel title={t("settings.costs")}>
        <div className="form two">
          {choice("costMode", ["COSTS_ONLY", "COSTS_AND_FEES"])}
          <TextField label={t("setting.costMultiplier")} hint={t("setting.costMultiplier.hint")} value={form.costMultiplier} onChange={(costMultiplier) => set({ costMultiplier })} disabled={disabled} />
          <TextField label={t("setting.costStartFrom")} type="date" value={form.costStartFrom} onChange={(costStartFrom) => set({ costStartFrom })} disabled={disabled} />
        </div>
      </Panel>
      <Panel title={t("settings.tables")}>
        <div className="form two">
          {text("branches")}
          {text("units")}
          {text("terms")}
        </div>
      </Panel>
      {!disabled && (
        <div className="row">
          <Button kind="primary" submit busy={busy} disabled={Object.keys(changed).length === 0}>
            {t("action.save")}
          </Button>
        </div>
      )}
    </form>
  );
}

function table(rows: readonly { key: string; value: string }[]): string {
  return rows.map((one) => `${one.key} = ${one.value}`).join("\n");
}

function entries(text: string): { key: string; value: string }[] {
  return text
    .split("\n")
    .map((line) => line.split("="))
    .filter((parts) => parts.length >= 2 && parts[0]?.trim())
    .map(([key = "", ...rest]) => ({ key: key.trim(), value: rest.join("=").trim() }));
}
