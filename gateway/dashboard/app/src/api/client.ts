import { createClient as createSocket } from "graphql-ws";
import {
  type AnyVariables,
  Client,
  type CombinedError,
  fetchExchange,
  subscriptionExchange,
  type TypedDocumentNode,
} from "urql";

/** The socket says whether what is on the screen can be trusted to be live. */
export type Connection = "connecting" | "live" | "lost";

const watchers = new Set<(state: Connection, again: boolean) => void>();
let connection: Connection = "connecting";
let wasLive = false;

function tell(state: Connection) {
  const again = state === "live" && wasLive;
  wasLive ||= state === "live";
  connection = state;
  for (const watcher of watchers) watcher(state, again);
}

export function watchConnection(watcher: (state: Connection, again: boolean) => void) {
  watchers.add(watcher);
  watcher(connection, false);
  return () => void watchers.delete(watcher);
}

// The session cookie travels with the handshake; a gateway that restarts is waited for.
export const socket = createSocket({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
  lazy: true,
  lazyCloseTimeout: 3000,
  keepAlive: 12_000,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: (event) => !isRefusal(event),
  retryWait: (tries) =>
    new Promise((done) => setTimeout(done, Math.min(300 * 1.6 ** tries, 5000) + Math.random() * 300)),
  on: {
    connected: () => tell("live"),
    closed: (event) => tell(isRefusal(event) ? "connecting" : "lost"),
  },
});

function isRefusal(event: unknown) {
  return event instanceof CloseEvent && event.code === 4403;
}

export const client = new Client({
  url: "/graphql",
  preferGetMethod: false,
  fetchOptions: { credentials: "same-origin" },
  exchanges: [
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink),
        }),
      }),
    }),
    fetchExchange,
  ],
});

/** An answer that is not data: what went wrong, in words for the reader. */
export class Failed extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

export function failureOf(error: CombinedError): Failed {
  const first = error.graphQLErrors[0];
  if (first) return new Failed(first.message, String(first.extensions?.code ?? "ERROR"));
  const status = (error.response as Response | undefined)?.status;
  if (status === 401) return new Failed(error.message, "UNAUTHENTICATED");
  return new Failed(error.networkError?.message ?? error.message, "NETWORK");
}

let onSignedOut = () => {};

export function whenSignedOut(told: () => void) {
  onSignedOut = told;
}

/** Ask once, past every cache. */
export async function ask<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const kind = document.definitions[0];
  const mutates = kind?.kind === "OperationDefinition" && (kind.operation as string) === "mutation";
  const answer = mutates
    ? await client.mutation(document, variables).toPromise()
    : await client.query(document, variables, { requestPolicy: "network-only" }).toPromise();
  if (answer.error) {
    const failed = failureOf(answer.error);
    if (failed.code === "UNAUTHENTICATED") onSignedOut();
    if (!answer.data || failed.code === "UNAUTHENTICATED") throw failed;
  }
  return answer.data as Data;
}

/** Exchange a key for a session; the key itself is kept nowhere in the browser. */
export async function signIn(key: string): Promise<void> {
  const answer = await fetch("/session", {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key }),
  });
  if (answer.ok) return;
  const body = await answer.json().catch(() => null);
  throw new Failed(
    body?.errors?.[0]?.message ?? answer.statusText,
    answer.status === 401 ? "UNAUTHENTICATED" : "ERROR",
  );
}

export async function signOut(): Promise<void> {
  await fetch("/session", { method: "DELETE", credentials: "same-origin" });
}
