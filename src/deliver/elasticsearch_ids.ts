/** Which tweets are in an index of Elasticsearch or OpenSearch, for those who compare. */

import type { Clock } from "../base/clock.ts";
import { TransientError, UnavailableError } from "../base/errors.ts";
import { ElasticsearchClient } from "./elasticsearch_client.ts";
import type { ElasticsearchPlace } from "./elasticsearch_place.ts";
import { objectsIn } from "./tweet_facts.ts";

/** How many ids are asked for at a time. */
const PAGE = 1_000;

/** Those of the ids whose documents are in the index. Throws UnavailableError when it cannot be asked. */
export async function elasticsearchHolds(
  place: ElasticsearchPlace,
  ids: Iterable<string>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Set<string>> {
  const client = new ElasticsearchClient(place, clock);
  const held = new Set<string>();
  try {
    for (const page of pagesOf(ids)) {
      for (const id of await heldOf(client, place.index, page, signal)) held.add(id);
    }
    return held;
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    throw new UnavailableError(`Cannot look up tweets: ${error.message}`, {
      hint: "Try again when it answers",
      cause: error,
    });
  } finally {
    client.close();
  }
}

async function heldOf(
  client: ElasticsearchClient,
  index: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const path = `/${index}/_mget?_source=false`;
  const answer = await client.ask({ method: "POST", path, body: JSON.stringify({ ids }) }, signal);
  const isThere = answer.status !== 404;
  const documents = objectsIn(answer.body["docs"]);
  if (isThere && (answer.status !== 200 || documents.length !== ids.length)) throw client.failure(answer);
  return documents.filter(({ found }) => found === true).map(({ _id: id }) => String(id));
}

function* pagesOf(ids: Iterable<string>): Generator<string[]> {
  let page: string[] = [];
  for (const id of ids) {
    page.push(id);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
