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
import type { Tagger } from "../match/tagger.ts";
import type { Backlog } from "../model/backlog.ts";
import { makeRecord, type TweetRecord } from "../model/record.ts";
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
  events: Events;
  clock: Clock;
}

/** How long there may be no room before the stream is closed: a sink that is a moment late is no reason. */
const PATIENCE_MS = 5_000;

export class Intake {
  readonly #options: IntakeOptions;
  /** How many tweets are accepted at most. */
  limit = Infinity;
  /** Called when the limit is reached; when there has been no room for a while. */
  onLimit: () => void = () => {};
  onFull: () => void = () => {};

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async take(tweets: readonly TweetMessage[]): Promise<void> {
    const { backlog, counters, events, tagger, rateLimit } = this.#options;
    for (const tweet of tweets) {
      events.emit("tweet_received", { id: tweet.id });
      const tagged = tagger.tag(tweet);
      if (tagged.kind === "drop") {
        if (tagged.reason === "no_rule") events.emit("tweets_unattributed", { id: tweet.id });
        this.#drop(tweet, tagged.reason, []);
      } else if (backlog.hasSeen(tweet.id)) {
        events.emit("tweet_repeated", { id: tweet.id });
        backlog.count(tagged.rules, { outcome: "repeated" });
      } else if (counters.accepted >= this.limit) this.#drop(tweet, "after_limit", tagged.rules);
      else if (rateLimit && !rateLimit.allows(tagged.rules)) this.#drop(tweet, "rate_limited", tagged.rules);
      else {
        if (tagged.attribution === "wire") events.emit("attribution_unknown", { id: tweet.id });
        const record = makeRecord(tweet.id, tweet.line, {
          rules: tagged.rules,
          attribution: tagged.attribution,
          provenance: "live",
          collectedAt: this.#options.clock.now(),
          createdAt: tweet.createdAt,
        });
        // Awaited only when there is no room.
        const refused = backlog.accept(record, tagged.rules)
          ? undefined
          : await this.#acceptLater(record, tagged.rules);
        if (refused !== undefined) this.#drop(tweet, refused, tagged.rules);
        else counters.countAccepted(tagged.rules, tagged.attribution);
        if (counters.accepted === this.limit) this.onLimit();
      }
    }
  }

  /** Accepts a record as soon as there is room; answers why it is dropped instead. */
  async #acceptLater(record: TweetRecord, rules: readonly Rule[]): Promise<DropReason | undefined> {
    const { backlog, clock, events, whenFull } = this.#options;
    while (!backlog.closed) {
      events.emit("backlog_full", backlog.waiting);
      if (whenFull === "drop") return "no_room";
      const cancel = clock.after(PATIENCE_MS, () => this.onFull());
      await backlog.room();
      cancel();
      if (backlog.accept(record, rules)) return undefined;
    }
    return "no_room_at_stop";
  }

  #drop({ id }: TweetMessage, reason: DropReason, rules: readonly Rule[]): void {
    const { backlog, events } = this.#options;
    events.emit("tweet_dropped", { id, reason });
    backlog.count(rules, { outcome: "dropped", reason });
  }
}
