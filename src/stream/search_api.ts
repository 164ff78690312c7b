/** The seam to X's search over the last seven days: each call is one page. */

import type { JsonObject } from "../model/json.ts";

export interface SearchRequest {
  readonly query: string;
  /** The interval in X's time, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Only what is older than this tweet, for who goes on where another search ended. */
  readonly untilId?: string | undefined;
  /** The next page, as the page before it names it. */
  readonly page?: string | undefined;
  /** How many tweets at most: 10 to 100. */
  readonly size: number;
}

export interface SearchPage {
  /** Tweets as messages of the stream, the newest first: `data`, and of `includes` what belongs to it. */
  readonly tweets: readonly JsonObject[];
  readonly next: string | undefined;
  /** What X charges for it, in millionths of a dollar. */
  readonly price: number;
  /** How long to wait before the next request, in milliseconds: X's limit is used up until then. */
  readonly waitMs: number;
}

/** Tweets on a page. Source: docs.x.com, Search: Recent search. */
export const LEAST_PAGE = 10;
export const MOST_PAGE = 100;
/** How far back X's recent search goes, in milliseconds. */
export const SEARCH_REACH_MS = 7 * 24 * 3_600_000;

export interface SearchApi {
  /** How far X's clock is ahead of ours, in milliseconds; undefined before X has answered anything. */
  readonly aheadMs: number | undefined;
  /** Throws XFailure. */
  search(request: SearchRequest, signal: AbortSignal): Promise<SearchPage>;
}
