import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { AnyVariables, TypedDocumentNode } from "urql";
import { ask, type Connection, Failed, watchConnection } from "./client";
import { listen, type Signal, type Topic } from "./live";

export type Loaded<Data> = {
  data: Data | undefined;
  error: Failed | undefined;
  loading: boolean;
  refresh: () => void;
};

type Options = { on?: Topic[]; every?: number; skip?: boolean };

const CALM = 700;

/** Ask, and ask again when something that it depends on has changed. Old data stay on the screen. */
export function useData<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { on = [], every, skip = false }: Options = {},
): Loaded<Data> {
  const key = JSON.stringify(variables);
  const [state, setState] = useState<{ key: string; data?: Data; error?: Failed; loading: boolean }>({
    key,
    loading: !skip,
  });
  const turn = useRef(0);
  const load = useCallback(() => {
    if (skip) return;
    const mine = ++turn.current;
    setState((old) => ({ ...old, loading: true }));
    ask(document, JSON.parse(key) as Variables).then(
      (data) => mine === turn.current && setState({ key, data, loading: false }),
      (error) =>
        mine === turn.current &&
        setState((old) => ({ key, data: old.key === key ? old.data : undefined, error: asFailed(error), loading: false })),
    );
  }, [document, key, skip]);
  useEffect(() => {
    load();
    return () => void turn.current++;
  }, [load]);
  useSignals(on, load);
  useEffect(() => {
    if (!every) return;
    const timer = setInterval(() => document_visible() && load(), every);
    return () => clearInterval(timer);
  }, [every, load]);
  return { data: state.data, error: state.error, loading: state.loading, refresh: load };
}

function document_visible() {
  return document.visibilityState === "visible";
}

/** Call back for signals of some topics, at most once per moment, and never lose the last one. */
export function useSignals(on: Topic[], act: (signals: Signal[]) => void) {
  const latest = useRef(act);
  latest.current = act;
  const topics = on.join();
  useEffect(() => {
    if (!topics) return;
    const wanted = new Set([...topics.split(","), "ALL"]);
    let waiting: Signal[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen((signal) => {
      if (!wanted.has(signal.topic)) return;
      waiting.push(signal);
      timer ??= setTimeout(() => {
        const taken = waiting;
        waiting = [];
        timer = undefined;
        latest.current(taken);
      }, CALM);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [topics]);
}

export type Page<Row> = {
  nodes: Row[];
  totalCount?: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

export type Pages<Row> = {
  rows: Row[];
  total: number | undefined;
  loading: boolean;
  error: Failed | undefined;
  more: boolean;
  loadMore: () => void;
  refresh: () => void;
  patch: (id: string, change: (row: Row) => Row) => boolean;
};

/** A list that grows page by page behind keyset cursors. */
export function usePages<Data, Variables extends AnyVariables, Row>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, "first" | "after">,
  take: (data: Data) => Page<Row>,
  { size = 50, on = [] }: { size?: number; on?: Topic[] } = {},
): Pages<Row> {
  const key = JSON.stringify(variables);
  const [state, setState] = useState<{ rows: Row[]; total?: number; cursor: string | null; more: boolean }>({
    rows: [],
    cursor: null,
    more: true,
  });
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<Failed>();
  const turn = useRef(0);
  const busy = useRef(false);
  const taker = useRef(take);
  taker.current = take;

  const fetchPage = useCallback(
    async (after: string | null) => {
      const given = { ...JSON.parse(key), first: size, after } as unknown as Variables;
      return taker.current(await ask(document, given));
    },
    [document, key, size],
  );

  const run = useCallback(async (work: (current: () => boolean) => Promise<void>) => {
    const mine = ++turn.current;
    busy.current = true;
    setLoading(true);
    try {
      await work(() => mine === turn.current);
      if (mine === turn.current) setError(undefined);
    } catch (problem) {
      if (mine === turn.current) setError(asFailed(problem));
    } finally {
      if (mine === turn.current) {
        busy.current = false;
        setLoading(false);
      }
    }
  }, []);

  const count = useRef(0);
  count.current = state.rows.length;

  const refresh = useCallback(
    () =>
      void run(async (current) => {
        // As much as is on the screen is read anew, so that nobody loses the place.
        const wanted = Math.min(Math.max(count.current, 1), size * 4);
        const rows: Row[] = [];
        let page: Page<Row> | undefined;
        do {
          page = await fetchPage(page?.pageInfo.endCursor ?? null);
          rows.push(...page.nodes);
        } while (current() && rows.length < wanted && page.pageInfo.hasNextPage);
        const { endCursor, hasNextPage } = page.pageInfo;
        const total = page.totalCount;
        if (current()) setState({ rows, total, cursor: endCursor, more: hasNextPage });
      }),
    [fetchPage, run, size],
  );

  useEffect(() => {
    count.current = 0;
    setState((old) => ({ ...old, cursor: null, more: true }));
    refresh();
    return () => void turn.current++;
  }, [refresh]);

  const loadMore = useCallback(() => {
    if (busy.current || !state.more || !state.cursor) return;
    void run(async (current) => {
      const page = await fetchPage(state.cursor);
      if (!current()) return;
      setState((old) => ({
        rows: [...old.rows, ...page.nodes],
        total: page.totalCount ?? old.total,
        cursor: page.pageInfo.endCursor,
        more: page.pageInfo.hasNextPage,
      }));
    });
  }, [fetchPage, run, state.cursor, state.more]);

  const rowsNow = useRef(state.rows);
  rowsNow.current = state.rows;
  const patch = useCallback((id: string, change: (row: Row) => Row) => {
    const known = rowsNow.current.some((row) => (row as { id?: string }).id === id);
    if (known)
      setState((old) => ({
        ...old,
        rows: old.rows.map((row) => ((row as { id?: string }).id === id ? change(row) : row)),
      }));
    return known;
  }, []);

  useSignals(on, () => {
    if (count.current <= size * 4) refresh();
  });

  return { rows: state.rows, total: state.total, loading, error, more: state.more, loadMore, refresh, patch };
}

export function useConnection(): Connection {
  return useSyncExternalStore(watchStore, () => now);
}

let now: Connection = "connecting";

function watchStore(told: () => void) {
  return watchConnection((state) => {
    now = state;
    told();
  });
}

export function asFailed(error: unknown): Failed {
  return error instanceof Failed ? error : new Failed(String((error as Error)?.message ?? error), "ERROR");
}
