/**
 * Tweets on their way from the stream to the intake, where two instances read the same by two connections: whoever has the
 * first one takes them at once and marks them in Redis; whoever has the second one holds each back for a moment, leaves out
 * what is marked then, and takes the others.
 *
 * It promises that no tweet is lost by that: only what another instance has on its disk is left out, and no sign of life
 * counts before what came until then is decided. A tweet is taken twice only where its mark came too late or not at all:
 * the first one ended between its disk and the mark, got the tweet more than two seconds after the second, or Redis was
 * away; or where it was fetched by a search, which asks nobody. What is held back is bounded: beyond that it is decided
 * early.
 */

import type { Clock } from "../base/clock.ts";
import { answeredIn } from "../base/patience.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import type { Provenance } from "../model/record.ts";
import type { TweetMessage } from "../model/stream_message.ts";
import type { Marks } from "./taken_marks.ts";

export interface HeldTweetsOptions {
  readonly intake: {
    take(tweets: readonly TweetMessage[], provenance: Provenance, onFull?: (since: number) => void): Promise<void>;
    pass(tweets: readonly TweetMessage[]): void;
  };
  readonly marks: Marks;
  /** Whether this instance has the first connection. */
  readonly isFirst: () => boolean;
  readonly clock: Clock;
}

interface Held {
  readonly tweets: readonly TweetMessage[];
  readonly provenance: Provenance;
  readonly onFull: ((since: number) => void) | undefined;
  readonly isAsked: boolean;
  /** On the monotonic clock. */
  readonly dueAt: number;
  /** The signs of life after it, told once it is decided. */
  readonly signs: (() => void)[];
}

/** How long a tweet is held back, and how often it is looked what is due. */
const HELD_MS = 2_000;
const LOOK_MS = 200;
/** How long Redis may take to answer. */
const PATIENCE_MS = 1_000;
/** How many ids are asked for at once. */
const MOST_ASKED = 1_000;
/** How many bytes of lines are held back at most. */
const MOST_BYTES = 32_000_000;

export class HeldTweets {
  readonly #options: HeldTweetsOptions;
  #queue: Held[] = [];
  #bytes = 0;
  /** How many are held, those among them that are being decided. */
  #count = 0;
  #deciding: Promise<void> = Promise.resolve();
  /** Grows with each loss: signs of life from before say nothing any more. */
  #losses = 0;
  /** The last one that is held. */
  #last: Held | undefined;

  constructor(options: HeldTweetsOptions) {
    this.#options = options;
  }

  /** Whether anything is held back. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  async take(
    tweets: readonly TweetMessage[],
    provenance: Provenance,
    onFull?: (since: number) => void,
  ): Promise<void> {
    const { clock, intake, isFirst } = this.#options;
    const isOurs = isFirst() && provenance === "live";
    if (isOurs && this.isEmpty) return await intake.take(tweets, provenance, onFull);
    this.#last = {
      ...{ tweets, provenance, onFull, signs: [] },
      isAsked: !isOurs,
      dueAt: clock.monotonic() + (isOurs ? 0 : HELD_MS),
    };
    this.#queue.push(this.#last);
    this.#count += 1;
    this.#bytes += bytesOf(tweets);
    if (this.#bytes > MOST_BYTES) await this.finish();
  }

  /** There was a sign of life: it is told once all that came before is decided. */
  alive(tell: () => void): void {
    const losses = this.#losses;
    if (this.isEmpty || !this.#last) tell();
    else this.#last.signs.push(() => losses === this.#losses && tell());
  }

  /** Nothing is read any more: signs of life from before would tell too much. Answers whether anything is held back. */
  lose(): boolean {
    this.#losses += 1;
    return !this.isEmpty;
  }

  /** Decides what is due, until the signal is aborted; rejects with its reason. Throws what the intake throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (true) {
      await this.#options.clock.sleep(LOOK_MS, signal);
      await this.#decide(this.#options.clock.monotonic());
    }
  }

  /** Decides all that is held back, now. */
  async finish(): Promise<void> {
    await this.#decide(Infinity);
  }

  #decide(until: number): Promise<void> {
    const deciding = this.#deciding.then(() => this.#decideNext(until));
    this.#deciding = deciding.catch(() => {});
    return deciding;
  }

  async #decideNext(until: number): Promise<void> {
    const later = this.#queue.findIndex(({ dueAt }) => dueAt > until);
    const due = this.#queue.splice(0, later < 0 ? this.#queue.length : later);
    const asked = due.filter(({ isAsked }) => isAsked).flatMap(({ tweets }) => tweets.map(({ id }) => id));
    const marked = await this.#marked(asked);
    const { intake } = this.#options;
    for (const { isAsked, onFull, provenance, signs, tweets } of due) {
      const isTaken = ({ id }: TweetMessage) => isAsked && marked.has(id);
      intake.pass(tweets.filter(isTaken));
      await intake.take(tweets.filter((tweet) => !isTaken(tweet)), provenance, onFull);
      this.#count -= 1;
      this.#bytes -= bytesOf(tweets);
      for (const tell of signs) tell();
    }
  }

  /** Those that another instance has; none where Redis does not answer. */
  async #marked(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { clock, marks } = this.#options;
    const found = new Set<string>();
    if (ids.length === 0) return found;
    const asking = { clock, ms: PATIENCE_MS, who: "Redis" };
    try {
      await answeredIn(asking, async (signal) => {
        for (let at = 0; at < ids.length && !signal.aborted; at += MOST_ASKED) {
          for (const id of await marks.marked(ids.slice(at, at + MOST_ASKED))) found.add(id);
        }
      });
    } catch (error) {
      if (!isRedisFailure(error)) throw error;
    }
    return found;
  }
}

function bytesOf(tweets: readonly TweetMessage[]): number {
  return tweets.reduce((sum, { line }) => sum + line.length, 0);
}
