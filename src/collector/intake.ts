/**
 * Takes tweets from the stream into the backlog: names the rules of each, leaves out repeats and what is over its limit,
 * makes its record. It awaits nothing for a tweet as long as there is room.
 *
 * It promises that a tweet which X handed over is accepted, or counted as repeated or as dropped with a reason. Where
 * there is no room for a while it says so, and what is at hand waits.
 */

import type { Clock } from "../base/clock.ts";
import type { DropReason, Events } from "../base/events.ts";
import type { RateLimit } from "../match/rate_limit.ts";
import type { Tagged, Tagger } from "../match/tagger.ts";
import type { Backlog } from "../model/backlog.ts";
import { makeRecord, type Provenance } from "../model/record.ts";
import type { Rule } from "../model/rule.ts";
import type { TweetMessage } from "../model/stream_message.ts";
import type { Counters } from "../observe/counters.ts";

export interface IntakeOptions {
  tagger: Tagger;
  rateLimit: RateLimit | undefined;
  backlog: Backlog;
  /** What is done with tweets for which there is no room: they wait, and the stream is closed; or they are dropped. */
  whenFull: "pause" | "drop";
  counters: Counters;
  /** Counts by rule, for the fleet. */
  statistics?: { countAccepted(rules: readonly Rule[]): void; countLimited(rules: readonly Rule[]): void } | undefined;
  events: Events;
  clock: Clock;
}

type Attributed = Extract<Tagged, { kind: "match" }>;

/** What became of a tweet that was offered to the backlog. */
type Outcome = "accepted" | "repeated" | "no_room_now" | { readonly dropped: DropReason };

/** How long there may be no room before the stream is closed: a sink that is a moment late is no reason. */
const PATIENCE_MS = 5_000;
/** Why a tweet is not here that could be, if it came again. */
const LEFT: readonly DropReason[] = ["no_room", "no_room_at_stop", "after_limit"];
/** How many found tweets are taken before others get their turn. */
const TURN = 200;

export class Intake {
  readonly #options: IntakeOptions;
  /** How many tweets are accepted at most. */
  limit = Infinity;
  /** How many tweets were accepted that X sent again. */
  backfilled = 0;
  /** The id of the newest tweet that was accepted; empty before the first. */
  newestId = "";
  /** Called with the id of each tweet that nobody needs to take any more. */
  onTaken: (id: string) => void = () => {};
  /** Called when the limit is reached. */
  onLimit: () => void = () => {};

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /**
   * Takes tweets as the stream sends them. `onFull` is called with the moment since when there was no room, when that has
   * lasted for a while.
   */
  async take(tweets: readonly TweetMessage[], provenance: Provenance, onFull?: (since: number) => void): Promise<void> {
    const { events, tagger } = this.#options;
    for (const tweet of tweets) {
      const tagged = tagger.tag(tweet);
      if (tagged.kind === "drop" && tagged.reason === "no_rule") {
        events.emit("tweets_unattributed", { id: tweet.id });
      }
      await this.#takeOne(tweet, tagged, provenance, onFull);
    }
  }

  /** Counts tweets that another instance has taken. */
  pass(tweets: readonly TweetMessage[]): void {
    const { backlog, events, tagger } = this.#options;
    for (const tweet of tweets) {
      const tagged = tagger.tag(tweet);
      events.emit("tweet_received", { id: tweet.id });
      events.emit("tweet_repeated", { id: tweet.id });
      backlog.count(tagged.kind === "drop" ? [] : tagged.rules, { outcome: "repeated" });
    }
  }

  /**
   * Takes tweets that a search found, with the rules that they matched; answers how many were new, and how many could not
   * be taken, for there was no room at the end. Others get their turn now and then.
   */
  async takeFound(
    found: Iterable<{ readonly tweet: TweetMessage; readonly tagged: Tagged }>,
  ): Promise<{ accepted: number; left: number }> {
    let [accepted, left, count] = [0, 0, 0];
    for (const { tagged, tweet } of found) {
      const outcome = await this.#takeOne(tweet, tagged, "search");
      if (outcome === "accepted") accepted += 1;
      else if (outcome === "left") left += 1;
      if (++count % TURN === 0) await this.#options.clock.sleep(0);
    }
    return { accepted, left };
  }

  async #takeOne(
    tweet: TweetMessage,
    tagged: Tagged,
    provenance: Provenance,
    onFull?: (since: number) => void,
  ): Promise<"accepted" | "not_accepted" | "left"> {
    const { counters, events } = this.#options;
    events.emit("tweet_received", { id: tweet.id });
    if (tagged.kind === "drop") {
      this.#drop(tweet, tagged.reason, []);
      return "not_accepted";
    }
    let outcome = this.#offer(tweet, tagged, provenance);
    while (outcome === "no_room_now") {
      const reason = await this.#waitForRoom(provenance, onFull);
      outcome = reason ? { dropped: reason } : this.#offer(tweet, tagged, provenance);
    }
    if (typeof outcome === "string" || !LEFT.includes(outcome.dropped)) this.onTaken(tweet.id);
    if (outcome === "repeated") return "not_accepted";
    if (outcome !== "accepted") {
      this.#drop(tweet, outcome.dropped, tagged.rules);
      return LEFT.includes(outcome.dropped) ? "left" : "not_accepted";
    }
    if (counters.accepted === this.limit) this.onLimit();
    return "accepted";
  }

  /** Takes a tweet in, or tells why not. */
  #offer(tweet: TweetMessage, tagged: Attributed, provenance: Provenance): Outcome {
    const { backlog, counters, events, rateLimit, statistics } = this.#options;
    const { attribution, rules } = tagged;
    const hasCome = backlog.hasSeen(tweet.id);
    if (hasCome === undefined) return "no_room_now";
    if (hasCome) {
      events.emit("tweet_repeated", { id: tweet.id });
      backlog.count(rules, { outcome: "repeated" });
      return "repeated";
    }
    if (counters.accepted >= this.limit) return { dropped: "after_limit" };
    if (backlog.full) return "no_room_now";
    // What was missed comes all at once, and some of it is paid for already.
    if (provenance === "live" && rateLimit && !rateLimit.allows(rules)) {
      statistics?.countLimited(rules);
      return { dropped: "rate_limited" };
    }
    const record = makeRecord(tweet.id, tweet.line, {
      rules,
      attribution,
      provenance,
      collectedAt: this.#options.clock.now(),
      createdAt: tweet.createdAt,
    });
    if (!backlog.accept(record, rules)) return "no_room_now";
    if (attribution === "wire") events.emit("attribution_unknown", { id: tweet.id });
    counters.countAccepted(rules, attribution);
    statistics?.countAccepted(rules);
    if (isNewer(tweet.id, this.newestId)) this.newestId = tweet.id;
    if (provenance === "backfill") this.backfilled += 1;
    return "accepted";
  }

  /** Answers when there is room again, or why there is no point in waiting for it. */
  async #waitForRoom(
    provenance: Provenance,
    onFull?: (since: number) => void,
  ): Promise<DropReason | undefined> {
    const { backlog, clock, events, whenFull } = this.#options;
    if (backlog.closed) return "no_room_at_stop";
    events.emit("backlog_full", backlog.waiting);
    if (whenFull === "drop" && provenance !== "search") return "no_room";
    const since = clock.now();
    const cancel = onFull && clock.after(PATIENCE_MS, () => onFull(since));
    await backlog.room();
    cancel?.();
    return undefined;
  }

  #drop({ id }: TweetMessage, reason: DropReason, rules: readonly Rule[]): void {
    const { backlog, events } = this.#options;
    events.emit("tweet_dropped", { id, reason });
    backlog.count(rules, { outcome: "dropped", reason });
  }
}

/** Ids are numbers that grow, too long for a number. */
function isNewer(id: string, other: string): boolean {
  return id.length > other.length || (id.length === other.length && id > other);
}
