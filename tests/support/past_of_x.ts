/**
 * What a simulator knows of an interval of the past: what its stream would have sent, and what its search holds. For the
 * former it has to allow recoveries, whatever the app under test may.
 *
 * @module
 */
import { isExactQuery } from "../../src/model/exact_query.ts";

/** In milliseconds since 1970, by X's clock, in whole seconds. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** A tweet that the stream would have sent, with the values of the rules that match, and what it is. */
export interface Sent {
  readonly id: string;
  readonly values: readonly string[];
  readonly isRetweet: boolean;
  readonly isQuote: boolean;
}

/** A tweet that search holds for rules, with what matches it here and there. */
export interface Held {
  readonly ofStream: readonly string[];
  readonly ofSearch: readonly string[];
}

export class PastOfX {
  readonly #simulator: { readonly url: string; readonly token: string };

  constructor(simulator: { readonly url: string; readonly token: string }) {
    this.#simulator = simulator;
  }

  /** What the stream would have sent for the rules that X holds. */
  async ofStream(interval: Interval): Promise<Sent[]> {
    const rules = await (await this.ask("/2/tweets/search/stream/rules")).json();
    const values = new Map<string, string>(
      rules.data.map((rule: { id: string; value: string }) => [rule.id, rule.value]),
    );
    const path = `/2/tweets/search/stream?tweet.fields=referenced_tweets&${parametersOf(interval)}`;
    const lines = (await (await this.ask(path)).text()).split("\r\n").filter((line) => line !== "");
    return lines.map((line) => {
      const { data, matching_rules: matching } = JSON.parse(line);
      const references: readonly { type: string }[] = data.referenced_tweets ?? [];
      return {
        id: data.id,
        values: matching.map(({ id }: { id: string }) => values.get(id)!),
        isRetweet: references.some(({ type }) => type === "retweeted"),
        isQuote: references.some(({ type }) => type === "quoted"),
      };
    });
  }

  /** The ids that a search finds, the newest first. */
  async ofSearch(interval: Interval, query: string): Promise<string[]> {
    const ids: string[] = [];
    let next = "";
    do {
      const parameters = `query=${encodeURIComponent(query)}&max_results=100&${parametersOf(interval)}${next}`;
      const answer = await (await this.ask(`/2/tweets/search/recent?${parameters}`)).json();
      ids.push(...(answer.data ?? []).map(({ id }: { id: string }) => id));
      next = answer.meta.next_token === undefined ? "" : `&next_token=${answer.meta.next_token}`;
    } while (next !== "");
    return ids;
  }

  /** What search holds for queries of what the stream would have sent for them. */
  async held(interval: Interval, queries: readonly string[]): Promise<Map<string, Held>> {
    const sent = new Map((await this.ofStream(interval)).map(({ id, values }) => [id, values]));
    const held = new Map<string, { ofStream: readonly string[]; ofSearch: string[] }>();
    for (const query of queries) {
      for (const id of await this.ofSearch(interval, query)) {
        const ofStream = sent.get(id);
        // Search is laxer than the stream: of what our matcher decides only that counts which the stream would have sent.
        if (!ofStream || (isExactQuery(query) && !ofStream.includes(query))) continue;
        const entry = held.get(id) ?? { ofStream, ofSearch: [] };
        entry.ofSearch.push(query);
        held.set(id, entry);
      }
    }
    return held;
  }

  /** Asks with the right token; throws where X refuses. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#simulator.token}` };
    const answer = await fetch(this.#simulator.url + path, { ...init, headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

function parametersOf({ from, to }: Interval): string {
  const written = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
  return `start_time=${written(from)}&end_time=${written(to)}`;
}
