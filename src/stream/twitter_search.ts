/**
 * X's recent search over npm:twitter-api-v2.
 *
 * Source: docs.x.com, Search: Recent search; Rate limits (a search's own headers name its limit).
 */

import { isObject } from "../model/json.ts";
import { priceOf } from "../model/prices.ts";
import { idBefore } from "../model/stream_message.ts";
import type { SearchApi, SearchPage, SearchRequest } from "./search_api.ts";
import { tweetsOnPage } from "./search_page.ts";
import type { Token } from "./token.ts";
import { toTheSecond } from "./x_time.ts";
import { asObject, senseless, type TwitterApiOptions, twitterClient } from "./twitter_client.ts";

/** X tells its time in whole seconds: a moment too early would be one request too many. */
const SECOND_MS = 1_000;

/** X's windows are 15 minutes long: a reset that is farther away is a clock that is wrong. */
const LONGEST_WAIT_MS = 16 * 60_000;

export interface TwitterSearchOptions extends TwitterApiOptions {
  /** The fields and expansions to ask for, as for the stream. */
  readonly fields: Readonly<Record<string, string>>;
}

export class TwitterSearch implements SearchApi {
  readonly #token: Token;
  readonly #options: TwitterSearchOptions;

  constructor(token: Token, options: TwitterSearchOptions) {
    this.#token = token;
    this.#options = options;
  }

  get aheadMs(): number | undefined {
    return this.#options.transport.aheadMs;
  }

  async search({ from, page, query, size, to, untilId }: SearchRequest, signal: AbortSignal): Promise<SearchPage> {
    const { clock, fields, transport } = this.#options;
    const client = twitterClient(this.#token, this.#options, signal);
    const { data: answer, headers } = await client.get("tweets/search/recent", {
      ...fields,
      query,
      max_results: size,
      ...boundsOf({ from, to, untilId }),
      ...(page === undefined ? {} : { next_token: page }),
    }, { fullResponse: true });
    const found = asObject(answer);
    const { data, meta } = found;
    if (data !== undefined && !Array.isArray(data)) throw senseless("a search");
    // Without it nobody can tell whether there is more.
    if (!isObject(meta)) throw senseless("a search");
    const next = meta["next_token"];
    const isUsedUp = headers["x-rate-limit-remaining"] === "0";
    const reset = Number(headers["x-rate-limit-reset"]) * 1000 - (clock.now() + (transport.aheadMs ?? 0));
    return {
      tweets: tweetsOnPage(found),
      next: typeof next === "string" && next !== "" ? next : undefined,
      price: priceOf(found),
      waitMs: isUsedUp && reset > 0 ? Math.min(reset + SECOND_MS, LONGEST_WAIT_MS) : 0,
    };
  }
}

/** X takes either ids or times (node-twitter-api-v2#152). */
function boundsOf({ from, to, untilId }: Pick<SearchRequest, "from" | "to" | "untilId">): Record<string, string> {
  const first = Math.floor(from / 1000);
  if (untilId !== undefined) return { since_id: idBefore(first * 1000), until_id: untilId };
  return { start_time: toTheSecond(first), end_time: toTheSecond(Math.ceil(to / 1000)) };
}
