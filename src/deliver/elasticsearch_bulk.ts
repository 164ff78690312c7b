/** Requests and answers of the bulk API: what was sent, and what became of each document. */

import type { JsonObject } from "../model/json.ts";
import { reasonIn } from "./elasticsearch_client.ts";
import { objectIn, objectsIn } from "./tweet_facts.ts";

/** A document on its way. */
export interface BulkDocument {
  /** Its place in the batch. */
  readonly at: number;
  readonly id: string;
  readonly document: Uint8Array;
}

/** What became of a document: `refused` for ever, or not taken for a reason that may pass. */
export type Outcome = { readonly kind: "taken" } | { readonly kind: "refused" | "passing"; readonly words: string };

/** Errors that are about the document, whatever the index is like. */
const ABOUT_THE_DOCUMENT = /^(?:mapper_parsing|document_parsing|parsing|parse|x_content_parse|json_parse)_exception$/;
const TOO_LONG = /immense term|bytes can be at most|must be no longer than/i;

const encoder = new TextEncoder();
const LINE_FEED = "\n".charCodeAt(0);

/** The lines of a request that puts documents in place. */
export function bulkBody(documents: readonly BulkDocument[]): Uint8Array<ArrayBuffer> {
  const actions = documents.map(({ id }) => encoder.encode(`${JSON.stringify({ index: { _id: id } })}\n`));
  const length = documents.reduce((sum, { document }, at) => sum + actions[at]!.length + document.length + 1, 0);
  const body = new Uint8Array(length);
  let at = 0;
  documents.forEach(({ document }, index) => {
    body.set(actions[index]!, at);
    at += actions[index]!.length;
    body.set(document, at);
    at += document.length;
    body[at++] = LINE_FEED;
  });
  return body;
}

/** What became of each document of a request, in order; undefined when the answer makes no sense. */
export function outcomesIn(body: JsonObject, documents: number): Outcome[] | undefined {
  const items = objectsIn(body["items"]).map((item) => objectIn(item, "index"));
  if (items.length !== documents) return undefined;
  const someTaken = items.some(isTaken);
  return items.map((item) => {
    if (isTaken(item)) return { kind: "taken" };
    const words = reasonIn(item["error"]) ?? `status ${String(item["status"])}`;
    return { kind: isForEver(item, someTaken) ? "refused" : "passing", words };
  });
}

function isTaken({ status }: JsonObject): boolean {
  return typeof status === "number" && status >= 200 && status < 300;
}

/**
 * A fault that is not known to be the document's may be that of the index (closed, an alias of nothing): then it holds
 * for all, and a person can mend it. If the index took others of the same batch, it is the document's.
 */
function isForEver({ error, status }: JsonObject, someTaken: boolean): boolean {
  if (status !== 400) return false;
  const type = objectIn({ error: error ?? null }, "error")["type"];
  if (typeof type === "string" && ABOUT_THE_DOCUMENT.test(type)) return true;
  return someTaken || TOO_LONG.test(reasonIn(error) ?? "");
}
