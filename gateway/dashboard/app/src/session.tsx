import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { ask, Failed, signOut as endSession, socket, whenSignedOut } from "./api/client";
import { graphql, type ResultOf, type Scope } from "./api/graphql";
import { asFailed } from "./api/hooks";
import { startLive, stopLive } from "./api/live";

const Me = graphql(`
  query Me {
    viewer { id name scopes seesAllIntegrations }
    integrations(first: 100) { nodes { id name state pausedReason baseCurrency } }
  }
`);

type Found = ResultOf<typeof Me>;
export type Role = "viewer" | "finance" | "administrator";
export type IntegrationLine = Found["integrations"]["nodes"][number];

export type Session = {
  name: string;
  scopes: readonly Scope[];
  role: Role;
  can: (scope: Scope) => boolean;
  integrations: IntegrationLine[];
  integration: IntegrationLine | undefined;
  choose: (id: string) => void;
  refresh: () => Promise<void>;
  signOut: () => void;
};

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("no session");
  return session;
}

/** The role that a set of scopes amounts to: what it may not do is not offered. */
export function roleOf(scopes: readonly Scope[]): Role {
  if (scopes.includes("SETUP") || scopes.includes("KEYS") || scopes.includes("WEBHOOKS")) return "administrator";
  if (scopes.includes("INVOICES") || scopes.includes("RECORDS") || scopes.includes("SYNC")) return "finance";
  return "viewer";
}

export function SessionProvider(props: {
  children: ReactNode;
  door: (entered: () => Promise<void>) => ReactNode;
  waiting: (error: Failed | undefined, again: () => void) => ReactNode;
}) {
  const [found, setFound] = useState<Found | null | undefined>(undefined);
  const [error, setError] = useState<Failed>();
  const [chosen, setChosen] = useState(() => localStorage.getItem("integration"));

  const refresh = useCallback(async () => {
    try {
      setFound(await ask(Me, {}));
      setError(undefined);
    } catch (problem) {
      const failed = asFailed(problem);
      if (failed.code === "UNAUTHENTICATED") setFound(null);
      else setError(failed);
    }
  }, []);

  useEffect(() => {
    whenSignedOut(() => setFound(null));
    void refresh();
  }, [refresh]);

  const signedIn = Boolean(found);
  useEffect(() => {
    if (!signedIn) return;
    startLive();
    return () => {
      stopLive();
      socket.terminate();
    };
  }, [signedIn]);

  const session = useMemo<Session | null>(() => {
    if (!found) return null;
    const scopes = found.viewer.scopes as readonly Scope[];
    const integrations = found.integrations.nodes;
    return {
      name: found.viewer.name,
      scopes,
      role: roleOf(scopes),
      can: (scope) => scopes.includes(scope),
      integrations,
      integration: integrations.find((one) => one.id === chosen) ?? integrations[0],
      choose: (id) => {
        localStorage.setItem("integration", id);
        setChosen(id);
      },
      refresh,
      signOut: () => void endSession().finally(() => setFound(null)),
    };
  }, [found, chosen, refresh]);

  if (found === null) return <>{props.door(refresh)}</>;
  if (!session) return <>{props.waiting(error, () => void refresh())}</>;
  return <Context.Provider value={session}>{props.children}</Context.Provider>;
}

export { Failed };
