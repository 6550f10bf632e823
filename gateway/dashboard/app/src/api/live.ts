import type { TypedDocumentNode } from "urql";
import { socket, watchConnection } from "./client";
import { type Entity, graphql, type ResultOf } from "./graphql";
import { print } from "./print";

export const InvoiceLine = graphql(`
  fragment InvoiceLine on Invoice @_unmask {
    id kind number state date dueDate currency totalIncludingVat balance referenceNumber updatedAt
    customer { id name }
    sync { state reason issues { id title } }
  }
`);

const Changes = graphql(
  `
    subscription Changes($after: String) {
      changes(after: $after) {
        cursor kind entity previousState at
        record { __typename id ... on Invoice { ...InvoiceLine } }
      }
    }
  `,
  [InvoiceLine],
);

const Issues = graphql(`
  subscription Issues($after: String) {
    issueChanged(after: $after) { cursor issue { id title resolvedAt } }
  }
`);

const Progress = graphql(`
  subscription Progress {
    syncProgress {
      id state trigger queuedAt startedAt finishedAt reason
      integration { id name }
      steps { name entity state processed total created updated unchanged failed reason }
    }
  }
`);

export type Change = ResultOf<typeof Changes>["changes"];
export type Run = ResultOf<typeof Progress>["syncProgress"];
export type Topic = Entity | "ISSUE" | "RUN" | "ALL";
export type Signal = { topic: Topic; change?: Change; run?: Run };

type Listener = (signal: Signal) => void;

const listeners = new Set<Listener>();
let stops: (() => void)[] = [];

export function listen(listener: Listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function emit(signal: Signal) {
  for (const listener of listeners) listener(signal);
}

/** Follow everything once for the whole page; after a break go on behind the last cursor seen. */
export function startLive() {
  stopLive();
  stops = [
    follow(Changes, ({ changes }) => {
      if (changes.entity) emit({ topic: changes.entity, change: changes });
      return changes.cursor;
    }),
    follow(Issues, ({ issueChanged }) => {
      emit({ topic: "ISSUE" });
      return issueChanged.cursor;
    }),
    follow(Progress, ({ syncProgress }) => {
      emit({ topic: "RUN", run: syncProgress });
      return null;
    }),
    watchConnection((_, again) => again && emit({ topic: "ALL" })),
  ];
}

export function stopLive() {
  for (const stop of stops) stop();
  stops = [];
}

function follow<Data>(
  document: TypedDocumentNode<Data, any>,
  take: (data: Data) => string | null,
): () => void {
  // graphql-ws sends this very object again after a break, so the cursor in it moves along.
  const variables: { after?: string } = {};
  const stop = socket.subscribe<Data>(
    { query: print(document), variables },
    {
      next: ({ data }) => {
        if (!data) return;
        const cursor = take(data);
        if (cursor) variables.after = cursor;
      },
      error: (error) => console.warn("live", error),
      complete: () => {},
    },
  );
  return stop;
}

