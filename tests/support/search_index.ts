/** What is in an index of Elasticsearch or OpenSearch, asked for without the code under test. */

import type { JsonObject } from "../../src/model/json.ts";

/** Asks a server; its answer as JSON. */
export async function askServer(url: string, path: string, body?: JsonObject, method?: string): Promise<JsonObject> {
  const response = await fetch(`${url}${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { "Content-Type": "application/json" },
    ...body !== undefined && { body: JSON.stringify(body) },
  });
  return await response.json();
}

/** The ids of the documents that a query finds, in order; of all documents without one. */
export async function foundIds(url: string, index: string, query: JsonObject = { match_all: {} }): Promise<string[]> {
  await askServer(url, `/${index}/_refresh`, {});
  const answer = await askServer(url, `/${index}/_search`, { query, size: 10_000, _source: false });
  const { hits } = (answer["hits"] ?? {}) as { hits?: { _id: string }[] };
  if (!hits) throw new Error(`no answer to a search: ${JSON.stringify(answer)}`);
  return hits.map(({ _id }) => _id).sort();
}

/** The records in an index, byte for byte as the server keeps them. */
export async function recordsIn(url: string, index: string): Promise<{ id: string; value: Uint8Array }[]> {
  const records: { id: string; value: Uint8Array }[] = [];
  for (const id of await foundIds(url, index)) {
    const response = await fetch(`${url}/${index}/_source/${id}`);
    const document = new TextDecoder().decode(await response.arrayBuffer());
    // The record is the last member, and within a text a quotation mark would be escaped.
    const start = document.indexOf('"record":') + '"record":'.length;
    records.push({ id, value: new TextEncoder().encode(document.slice(start, -1)) });
  }
  return records;
}
