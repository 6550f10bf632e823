import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";

/** What a list shows is in its address, so that it can be sent to somebody and gone back to. */
export function useAddress(): [URLSearchParams, (changes: Record<string, string | null>) => void] {
  const text = useSearch();
  const [path, go] = useLocation();
  const params = useMemo(() => new URLSearchParams(text), [text]);
  const change = useCallback(
    (changes: Record<string, string | null>) => {
      const next = new URLSearchParams(text);
      for (const [name, value] of Object.entries(changes)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      const query = next.toString();
      go(query ? `${path}?${query}` : path, { replace: true });
    },
    [text, path, go],
  );
  return [params, change];
}

/** Drop what is undefined, so that equal wishes are equal texts. */
export function given<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value;
}
