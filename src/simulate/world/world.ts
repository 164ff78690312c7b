/**
 * The world: posts a tweet when it is asked to, mostly about what the rules ask for, and remembers how each was made,
 * so that search can show it again. It forgets the oldest.
 */

import { mix, Random } from "../random.ts";
import type { HeldRule } from "../rule_book.ts";
import { aimAt } from "./aim.ts";
import type { People } from "./people.ts";
import { NO_TOPIC, type Topic } from "./topic.ts";
import { idOf, type Recipe, TweetMaker } from "./tweet_maker.ts";
import type { WorldTweet } from "./types.ts";

/** How many tweets search can find. */
const MEMORY = 100_000;
/** How many tweets in a hundred are about a rule; the others are noise. */
const AIMED_PERCENT = 90;
const EDIT_PERCENT = 1.5;
const MOST_EDITS = 5;
/** How far back a tweet may lie that is edited. */
const EDIT_REACH = 200;

export class World {
  readonly #seed: number;
  readonly #maker: TweetMaker;
  readonly #recipes: Recipe[] = [];
  #count = 0;

  constructor(seed: number, people: People) {
    this.#seed = seed;
    this.#maker = new TweetMaker(seed, people);
  }

  /** How many tweets were posted in all. */
  get count(): number {
    return this.#count;
  }

  /** How each remembered tweet was made, oldest first. */
  get recipes(): readonly Recipe[] {
    return this.#recipes;
  }

  /** How the remembered tweets were made that were posted from one time on and before another, oldest first. */
  postedBetween(start: number, end: number): Recipe[] {
    return this.#recipes.filter(({ ms }) => ms >= start && ms < end);
  }

  /** Posts the next tweet, at a time in milliseconds since 1970. */
  post(ms: number, rules: readonly HeldRule[]): WorldTweet {
    const number = ++this.#count;
    const random = new Random(mix(this.#seed ^ 0x5eed, number));
    const recipe = this.#edit(number, ms, random) ?? {
      number,
      ms,
      topic: pickTopic(rules, random),
      earlier: [],
      contentNumber: number,
    };
    this.#recipes.push(recipe);
    if (this.#recipes.length > MEMORY * 1.1) this.#recipes.splice(0, this.#recipes.length - MEMORY);
    return this.#maker.make(recipe);
  }

  /** The tweet of a recipe, as it was. */
  show(recipe: Recipe): WorldTweet {
    return this.#maker.make(recipe);
  }

  /** Now and then somebody edits a tweet: it is posted again, with a new id. */
  #edit(number: number, ms: number, random: Random): Recipe | undefined {
    if (!random.chance(EDIT_PERCENT / 100) || this.#recipes.length === 0) return undefined;
    const before = this.#recipes.at(-1 - random.below(Math.min(EDIT_REACH, this.#recipes.length)))!;
    if (before.earlier.length >= MOST_EDITS) return undefined;
    return { ...before, number, ms, earlier: [...before.earlier, idOf(before)] };
  }
}

function pickTopic(rules: readonly HeldRule[], random: Random): Topic {
  if (rules.length === 0 || !random.chance(AIMED_PERCENT / 100)) return NO_TOPIC;
  return aimAt(random.pick(rules).node, random);
}
