/**
 * What the world posted before, as lines of a stream: older first, only what the rules of today match, whether it was
 * sent before or not. Tweets are made again some at a time, so that others of this process get their turn.
 */

import { othersTurn } from "../clock.ts";
import type { SentKind } from "../ledger.ts";
import type { RuleBook } from "../rule_book.ts";
import type { Recipe } from "../world/tweet_maker.ts";
import type { WorldTweet } from "../world/types.ts";
import type { World } from "../world/world.ts";
import type { Batch } from "./batch.ts";
import { LineWriter, rulesTail } from "./line_writer.ts";

export interface HistoryOptions {
  readonly world: World;
  readonly rules: RuleBook;
  readonly recipes: readonly Recipe[];
  readonly kind: SentKind;
  /** `data`, `includes` and `errors` as JSON, up to where the rules follow. */
  write(tweet: WorldTweet): string;
}

/** How many tweets are made again before others get their turn. */
const TURN = 100;

export async function* history({ world, rules, recipes, kind, write }: HistoryOptions): AsyncGenerator<Batch> {
  for (let at = 0; at < recipes.length; at += TURN) {
    const writer = new LineWriter(kind);
    for (const recipe of recipes.slice(at, at + TURN)) {
      const tweet = world.show(recipe);
      const matching = rules.match(tweet);
      if (matching.length === 0) continue;
      writer.add(`${write(tweet)}${rulesTail(matching)}`, tweet.tweet.id, matching.map((rule) => rule.id));
    }
    yield writer.batch();
    await othersTurn();
  }
}
