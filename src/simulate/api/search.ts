/**
 * `GET /2/tweets/search/recent`: what the world posted, newest first, sent or not.
 * It differs from the stream as X's does: no operators on biographies and no samples, a quote is matched without what
 * it quotes, and queries by keyword find no retweets (docs.x.com, changelog 2026-05-04). Accents it does not fold.
 * It makes tweets again from how they were made, some at a time, so that others of this process get their turn.
 */

import type { Context } from "../context.ts";
import { type Answer, json } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import { checkQuery, termsOf } from "../query/checks.ts";
import { Content } from "../query/content.ts";
import { compileQuery } from "../query/matcher.ts";
import { isBefore, snowflake } from "../snowflake.ts";
import { idOf, type Recipe } from "../world/tweet_maker.ts";
import type { WorldTweet } from "../world/types.ts";
import { readNumber, readSelection } from "./parameters.ts";
import { invalidRequest } from "./problems.ts";
import { TweetJson } from "./tweet_json.ts";

const NOT_IN_SEARCH = ["sample", "bio", "bio_name", "bio_location"];
const PARAMETERS = [
  "query",
  "since_id",
  "until_id",
  "start_time",
  "end_time",
  "max_results",
  "next_token",
  "pagination_token",
  "sort_order",
];
/** How many tweets are made again before others get their turn. */
const TURN = 100;
const HIGHEST_ID = "9223372036854775807";

/** The bounds of a search: ids above `since` and below `until`. */
interface Bounds {
  readonly since: string;
  readonly until: string;
}

export async function searchRecent(context: Context, { query }: SimulatorRequest): Promise<Answer> {
  const selection = readSelection(query, PARAMETERS);
  if (selection.refusal) return selection.refusal;
  const size = readNumber(query, "max_results", { least: 10, most: 100, fallback: 10 });
  if (size.refusal) return size.refusal;
  const text = query.get("query") ?? "";
  const checked = checkQuery(text, { longest: context.caps.queryLength, unavailable: NOT_IN_SEARCH });
  if (!checked.node) {
    const message = `There were errors processing your request: ${checked.details.join(", ")}`;
    return invalidRequest({ query: [text] }, message);
  }
  const bounds = readBounds(query);
  if (!bounds) return invalidRequest({}, "Invalid `since_id`, `until_id`, `start_time`, `end_time` or `next_token`");

  const isByKeyword = termsOf(checked.node).some(({ term }) =>
    term.operator === "keyword" || term.operator === "phrase"
  );
  const matches = compileQuery(checked.node);
  const isFound = (tweet: WorldTweet) =>
    !(isByKeyword && tweet.retweeted) && matches(new Content(tweet, { withQuoted: false }));
  const { found, next } = await look(context, bounds, size.value, isFound);
  return page(found, next, new TweetJson(selection.value));
}

function readBounds(query: URLSearchParams): Bounds | undefined {
  const ids = ["since_id", "until_id", "next_token", "pagination_token"].map((name) => query.get(name));
  if (ids.some((id) => id !== null && !/^\d{1,19}$/.test(id))) return undefined;
  const times = ["start_time", "end_time"].map((name) => query.get(name));
  const [start, end] = times.map((time) => time === null ? undefined : Date.parse(time));
  if (Number.isNaN(start) || Number.isNaN(end)) return undefined;
  const [sinceId, untilId, ...tokens] = ids;
  const lower = [sinceId ?? "0", start === undefined ? "0" : String(BigInt(snowflake(start, 0)) - 1n)];
  const upper = [untilId, ...tokens, end === undefined ? undefined : snowflake(end, 0)];
  return {
    since: lower.reduce((one, other) => isBefore(one, other) ? other : one),
    until: upper.reduce<string>((one, other) => other && isBefore(other, one) ? other : one, HIGHEST_ID),
  };
}

/** The newest tweets within the bounds, and the id to go on below when there may be more. */
async function look(
  { world, clock }: Context,
  { since, until }: Bounds,
  size: number,
  isFound: (tweet: WorldTweet) => boolean,
): Promise<{ found: WorldTweet[]; next: string | undefined }> {
  const found: WorldTweet[] = [];
  // A copy: the world goes on posting while this takes its time.
  const recipes: readonly Recipe[] = [...world.recipes];
  let made = 0;
  for (let at = recipes.length - 1; at >= 0; at--) {
    const recipe = recipes[at]!;
    const id = idOf(recipe);
    if (!isBefore(id, until)) continue;
    if (!isBefore(since, id)) break;
    if (found.length === size) return { found, next: found.at(-1)!.tweet.id };
    const tweet = world.show(recipe);
    if (isFound(tweet)) found.push(tweet);
    if (++made % TURN === 0) await new Promise<void>((resolve) => clock.after(0, resolve));
  }
  return { found, next: undefined };
}

function page(found: readonly WorldTweet[], next: string | undefined, tweets: TweetJson): Answer {
  if (found.length === 0) return json(200, { meta: { result_count: 0 } });
  const meta = {
    newest_id: found[0]!.tweet.id,
    oldest_id: found.at(-1)!.tweet.id,
    result_count: found.length,
    ...(next === undefined ? {} : { next_token: next }),
  };
  return { ...json(200, {}), body: `${tweets.page(found)},"meta":${JSON.stringify(meta)}}` };
}
