import { useState } from "react";
import { ask } from "../api/client";
import { graphql, type Scope } from "../api/graphql";
import { useData } from "../api/hooks";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Ago, Button, Check, Dialog, Head, Note, Panel, Ready, TextField, useAction } from "../ui/kit";
import { ShortTable } from "../ui/table";

const List = graphql(`
  query Keys {
    apiKeys { id name prefix scopes createdAt expiresAt revokedAt lastUsedAt integrations { id name } }
  }
`);

const Create = graphql(`
  mutation CreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { key apiKey { id } userErrors { code message nextStep } }
  }
`);

const Revoke = graphql(`
  mutation RevokeKey($input: RevokeApiKeyInput!) {
    revokeApiKey(input: $input) { apiKey { id revokedAt } userErrors { code message nextStep } }
  }
`);

export function Keys() {
  const { t, word } = useWords();
  const session = useSession();
  const found = useData(List, {});
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<{ id: string; name: string }>();
  const [revoke, busy] = useAction(async (id: string) => (await ask(Revoke, { input: { apiKeyId: id } })).revokeApiKey, {
    done: t("keys.revoked"),
    after: () => {
      setEnding(undefined);
      found.refresh();
    },
  });
  return (
    <>
      <Head title={t("nav.keys")} sub={t("keys.sub")}>
        {session.can("KEYS") && (
          <Button icon="plus" kind="primary" onClick={() => setMaking(true)}>
            {t("keys.new")}
          </Button>
        )}
      </Head>
      <Panel flush>
        <Ready from={found}>
          {({ apiKeys }) => (
            <ShortTable
              label={t("nav.keys")}
              rows={apiKeys}
              keyOf={(row) => row.id}
              columns={[
                { id: "name", title: t("column.name"), cell: (row) => <><span className="strong">{row.name}</span><span className="sub mono">sgw_{row.prefix}_…</span></> },
                { id: "scopes", title: t("keys.may"), cell: (row) => <span className="chips">{row.scopes.map((one) => <span key={one} className="tag">{word("scope", one)}</span>)}</span> },
                { id: "for", title: t("keys.for"), wide: true, cell: (row) => row.integrations?.map((one) => one.name).join(", ") ?? t("keys.all") },
                { id: "used", title: t("keys.used"), wide: true, cell: (row) => <Ago at={row.lastUsedAt} /> },
                { id: "ends", title: t("keys.ends"), wide: true, cell: (row) => (row.expiresAt ? <Ago at={row.expiresAt} /> : <span className="muted">{t("time.never")}</span>) },
                {
                  id: "end",
                  title: t("column.state"),
                  right: true,
                  cell: (row) =>
                    row.revokedAt ? (
                      <span className="muted small">
                        {t("keys.ended")} <Ago at={row.revokedAt} />
                      </span>
                    ) : (
                      <Button kind="danger" onClick={() => setEnding(row)}>
                        {t("keys.revoke")}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Ready>
      </Panel>
      {making && (
        <NewKey
          close={() => {
            setMaking(false);
            found.refresh();
          }}
        />
      )}
      {ending && (
        <Dialog
          title={t("keys.revoke")}
          onClose={() => setEnding(undefined)}
          footer={
            <>
              <Button onClick={() => setEnding(undefined)}>{t("action.cancel")}</Button>
              <Button kind="danger" busy={busy} onClick={() => void revoke(ending.id)}>
                {t("keys.revoke")}
              </Button>
            </>
          }
        >
          <p>{t("keys.revokeText", { name: ending.name })}</p>
        </Dialog>
      )}
    </>
  );
}

function NewKey({ close }: { close: () => void }) {
  const { t, word } = useWords();
  const session = useSession();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["READ"]);
  const [key, setKey] = useState<string>();
  const [create, busy] = useAction(async () => {
    const answer = (await ask(Create, { input: { name, scopes } })).createApiKey;
    if (answer.key) setKey(answer.key);
    return answer;
  });
  return (
    <Dialog
      title={t("keys.new")}
      onClose={close}
      footer={
        key ? (
          <Button kind="primary" onClick={close}>
            {t("action.close")}
          </Button>
        ) : (
          <>
            <Button onClick={close}>{t("action.cancel")}</Button>
            <Button kind="primary" busy={busy} disabled={!name.trim() || scopes.length === 0} onClick={() => void create()}>
              {t("keys.make")}
            </Button>
          </>
        )
      }
    >
      {key ? (
        <>
          <Note tone="wait">{t("keys.once")}</Note>
          <input className="input mono" readOnly aria-label={t("keys.text")} value={key} onFocus={(event) => event.target.select()} />
        </>
      ) : (
        <>
          <TextField label={t("keys.name")} value={name} onChange={setName} autoFocus required />
          <fieldset className="form">
            <legend>{t("keys.may")}</legend>
            {session.scopes.map((scope) => (
              <Check key={scope} label={word("scope", scope)} checked={scopes.includes(scope)} onChange={(on) => setScopes(on ? [...scopes, scope] : scopes.filter((one) => one !== scope))} />
            ))}
          </fieldset>
        </>
      )}
    </Dialog>
  );
}
