/**
 * `GET /2/tweets/search/recent`: what the world posted, newest first, sent or not.
 * It differs from the stream as X's does: no operators on biographies and no samples, a quote is matched without what
 * it quotes, and queries by keyword find no retweets (docs.x.com, changelog 2026-05-04); words are found with and without accents.
 * What was posted in the last seconds it does not find yet: `search_bounds.ts`.
 * It makes tweets again from how they were made, some at a time, so that others of this process get their turn.
 */

import { othersTurn } from "../clock.ts";
import type { Context } from "../context.ts";
import { type Answer, json } from "../http/answer.ts";
import type { SimulatorRequest } from "../http/request.ts";
import { checkQuery, termsOf } from "../query/checks.ts";
import { Content, withoutAccents } from "../query/content.ts";
import { compileQuery } from "../query/matcher.ts";
import type { Node } from "../query/syntax.ts";
import { isBefore } from "../snowflake.ts";
import { idOf, type Recipe } from "../world/tweet_maker.ts";
import type { WorldTweet } from "../world/types.ts";
import { readNumber, readSelection } from "./parameters.ts";
import { invalidRequest } from "./problems.ts";
import { type Bounds, readBounds } from "./search_bounds.ts";
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
  const bounds = readBounds(query, context.clock.now(), context.searchLagMs);
  if (bounds.refusal) return bounds.refusal;

  const isByKeyword = termsOf(checked.node).some(({ term }) =>
    term.operator === "keyword" || term.operator === "phrase"
  );
  const matches = compileQuery(foldedWords(checked.node));
  const isFound = (tweet: WorldTweet) =>
    !(isByKeyword && tweet.retweeted) && matches(new Content(tweet, { withQuoted: false, foldsAccents: true }));
  const { found, next } = await look(context, bounds.value, size.value, isFound);
  return page(found, next, new TweetJson(selection.value));
}

/** A query whose words have lost their accents. */
function foldedWords(node: Node): Node {
  if (node.kind === "not") return { ...node, part: foldedWords(node.part) };
  if (node.kind !== "term") return { ...node, parts: node.parts.map(foldedWords) };
  const isWords = node.operator === "keyword" || node.operator === "phrase";
  return isWords ? { ...node, value: withoutAccents(node.value) } : node;
}

/** The newest tweets within the bounds, and the id to go on below when there may be more. */
async function look(
  { world }: Context,
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
    if (++made % TURN === 0) await othersTurn();
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
