/**
 * X's recent search over npm:twitter-api-v2.
 *
 * Source: docs.x.com, Search: Recent search; Rate limits (a search's own headers name its limit).
 */

import { isObject } from "../model/json.ts";
import { priceOf } from "../model/prices.ts";
import type { SearchApi, SearchPage, SearchRequest } from "./search_api.ts";
import { tweetsOnPage } from "./search_page.ts";
import type { Token } from "./token.ts";
import { toTheSecond } from "./x_time.ts";
import { asObject, senseless, type TwitterApiOptions, twitterClient } from "./twitter_client.ts";

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

  get aheadMs(): number {
    return this.#options.transport.aheadMs;
  }

  async search({ from, page, query, size, to, untilId }: SearchRequest, signal: AbortSignal): Promise<SearchPage> {
    const { clock, fields, transport } = this.#options;
    const client = twitterClient(this.#token, this.#options, signal);
    const { data: answer, headers } = await client.get("tweets/search/recent", {
      ...fields,
      query,
      max_results: size,
      start_time: toTheSecond(Math.floor(from / 1000)),
      end_time: toTheSecond(Math.ceil(to / 1000)),
      ...(untilId === undefined ? {} : { until_id: untilId }),
      ...(page === undefined ? {} : { next_token: page }),
    }, { fullResponse: true });
    const found = asObject(answer);
    const { data, meta } = found;
    if (data !== undefined && !Array.isArray(data)) throw senseless("a search");
    const next = isObject(meta) ? meta["next_token"] : undefined;
    const isUsedUp = headers["x-rate-limit-remaining"] === "0";
    const reset = Number(headers["x-rate-limit-reset"]) * 1000 - (clock.now() + transport.aheadMs);
    return {
      tweets: tweetsOnPage(found),
      next: typeof next === "string" ? next : undefined,
      price: priceOf(found),
      waitMs: isUsedUp && reset > 0 ? reset : 0,
    };
  }
}
