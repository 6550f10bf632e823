import { stringifyDocument, type TypedDocumentNode } from "urql";

/** The text of a document, for the socket. */
export function print(document: TypedDocumentNode<any, any>): string {
  return stringifyDocument(document);
}
