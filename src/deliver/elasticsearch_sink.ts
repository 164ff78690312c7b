/**
 * Records to an index of Elasticsearch or OpenSearch, by the bulk API. A tweet's id is its document's, so a repeat
 * overwrites; `elasticsearch_template.ts` says what can be searched.
 *
 * It promises: a batch is acknowledged when every document of it is in the index, by what the server calls durable
 * (both fsync before they answer, unless the index is told otherwise). A tweet that the index will never take is refused
 * with the server's words; whatever may heal, the login too, makes the whole batch come again.
 *
 * Source: Elasticsearch's and OpenSearch's documentation of the bulk API and of index templates.
 */

import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { TweetRecord } from "../model/record.ts";
import { bulkBody, type BulkDocument, type Outcome, outcomesIn } from "./elasticsearch_bulk.ts";
import { type Answer, ElasticsearchClient } from "./elasticsearch_client.ts";
import { documentOf } from "./elasticsearch_document.ts";
import { type ElasticsearchPlace, shownPlace } from "./elasticsearch_place.ts";
import { indexTemplate, MADE_BY, TEMPLATE_VERSION, templateName } from "./elasticsearch_template.ts";
import type { Sink, Written } from "./sink.ts";
import { objectIn, objectsIn } from "./tweet_facts.ts";

/** What of an answer is of use; the rest of it would be longer than the tweets. */
const FILTER = "filter_path=errors,items.*.status,items.*.error";

export class ElasticsearchSink implements Sink {
  readonly name = "elasticsearch";
  readonly target: string;
  readonly limits = { records: 1_000, bytes: 4_000_000 };
  readonly #index: string;
  readonly #client: ElasticsearchClient;

  constructor(place: ElasticsearchPlace, clock: Clock) {
    this.#index = place.index;
    this.#client = new ElasticsearchClient(place, clock);
    this.target = shownPlace(place);
  }

  /** Puts the template, unless one of this version or a later one, or somebody else's by its name, is there. */
  async open(signal: AbortSignal): Promise<void> {
    const path = `/_index_template/${templateName(this.#index)}`;
    const found = await this.#client.ask({ method: "GET", path }, signal);
    if (found.status === 200 && !isOlderOfOurs(found)) return;
    if (found.status !== 200 && found.status !== 404) return await this.#openWithoutTemplate(found, signal);
    const body = JSON.stringify(indexTemplate(this.#index));
    const put = await this.#client.ask({ method: "PUT", path, body }, signal);
    if (put.status !== 200 || put.body["acknowledged"] !== true) await this.#openWithoutTemplate(put, signal);
  }

  async write(batch: readonly TweetRecord[], signal: AbortSignal): Promise<Written> {
    const refused = new Map<number, string>();
    const documents: BulkDocument[] = [];
    batch.forEach((record, at) => {
      const document = documentOf(record);
      if (typeof document === "string") refused.set(at, document);
      else documents.push({ at, id: record.id, document });
    });
    if (documents.length > 0) await this.#send(documents, refused, signal);
    return refused.size > 0 ? { refused } : {};
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  /** Who may write to the index need not be allowed to put templates: then somebody who is has made the index. */
  async #openWithoutTemplate(refusal: Answer, signal: AbortSignal): Promise<void> {
    if (refusal.status === 403) {
      const index = await this.#client.ask({ method: "HEAD", path: `/${this.#index}` }, signal);
      if (index.status === 200) return;
    }
    throw this.#client.failure(refusal);
  }

  /** Sends documents; if they are too many for one request, each half on its own. */
  async #send(documents: readonly BulkDocument[], refused: Map<number, string>, signal: AbortSignal): Promise<void> {
    const answer = await this.#client.ask({
      method: "POST",
      path: `/${this.#index}/_bulk?${FILTER}`,
      body: bulkBody(documents),
      contentType: "application/x-ndjson",
    }, signal);
    if (answer.status === 413) {
      if (documents.length === 1) {
        refused.set(documents[0]!.at, "it is larger than the server takes");
        return;
      }
      const half = Math.ceil(documents.length / 2);
      await this.#send(documents.slice(0, half), refused, signal);
      await this.#send(documents.slice(half), refused, signal);
      return;
    }
    const outcomes = answer.status === 200 ? outcomesIn(answer.body, documents.length) : undefined;
    if (!outcomes) throw this.#client.failure(answer);
    this.#settle(documents, outcomes, refused);
  }

  #settle(documents: readonly BulkDocument[], outcomes: readonly Outcome[], refused: Map<number, string>): void {
    outcomes.forEach((outcome, at) => {
      if (outcome.kind === "refused") refused.set(documents[at]!.at, outcome.words);
      if (outcome.kind === "passing") {
        throw new TransientError(`the index ${this.#index} takes nothing: ${outcome.words}`);
      }
    });
  }
}

function isOlderOfOurs({ body }: Answer): boolean {
  const [found = {}] = objectsIn(body["index_templates"]);
  const template = objectIn(found, "index_template");
  const { version } = template;
  const isOlder = typeof version !== "number" || version < TEMPLATE_VERSION;
  return objectIn(template, "_meta")["made_by"] === MADE_BY && isOlder;
}
