import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./graphql-env";

/** Documents typed by the exported schema; amounts and times stay text until they are shown. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { Decimal: string; Date: string; DateTime: string };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
export type Enum<Name extends keyof introspection["types"]> = introspection["types"][Name] extends {
  enumValues: infer Values;
}
  ? Values
  : never;

export type InvoiceState = Enum<"InvoiceState">;
export type Entity = Enum<"Entity">;
export type Scope = Enum<"Scope">;
export type SyncState = Enum<"SyncState">;
export type Side = Enum<"Side">;
