import { type FormEvent, useState } from "react";
import { Failed, signIn } from "../api/client";
import { LANGUAGES, type Language, useWords } from "../i18n";
import { Button, Choice, Note, TextField, Trouble } from "../ui/kit";
import { asFailed } from "../api/hooks";

/** Where a person comes in: an API key is exchanged for a session that no script can read. */
export function Door({ entered }: { entered: () => Promise<void> }) {
  const { t, language, setLanguage } = useWords();
  const [key, setKey] = useState("");
  const [error, setError] = useState<Failed>();
  const [busy, setBusy] = useState(false);
  document.title = `${t("door.title")} · Severa Gateway`;
  const enter = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await signIn(key.trim());
      await entered();
    } catch (problem) {
      setError(asFailed(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="door">
      <div className="panel card">
        <h1>
          <img src="/icon.svg" alt="" />
          Severa Gateway
        </h1>
        <p className="muted">{t("door.text")}</p>
        <form className="form" onSubmit={enter}>
          <TextField label={t("door.key")} value={key} onChange={setKey} type="password" required autoFocus autoComplete="current-password" placeholder="sgw_…" hint={t("door.hint")} />
          {error && (
            <div role="alert">
              <Note tone="bad">{error.code === "UNAUTHENTICATED" ? t("door.refused") : error.message}</Note>
            </div>
          )}
          <Button kind="primary" submit busy={busy}>
            {t("door.enter")}
          </Button>
        </form>
        <Choice label={t("shell.language")} value={language} options={Object.entries(LANGUAGES) as [Language, string][]} onChange={setLanguage} />
      </div>
    </main>
  );
}

export function Waiting({ error, again }: { error: Failed | undefined; again: () => void }) {
  const { t } = useWords();
  return (
    <main className="door">{error ? <Trouble error={error} retry={again} /> : <p className="muted" role="status">{t("loading")}</p>}</main>
  );
}
