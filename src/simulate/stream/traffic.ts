/**
 * Lets the world post at a steady rate while there are rules, from the first connect on, and sends each tweet that a
 * rule matches to every open stream in the fields that it asked for. What nobody is connected for is posted all the
 * same: search finds it. With a replay, the lines of a file are sent instead, once, and then nothing.
 */

import type { SimulatorClock } from "../clock.ts";
import type { RuleBook } from "../rule_book.ts";
import type { WorldTweet } from "../world/types.ts";
import type { World } from "../world/world.ts";
import type { StreamConnection } from "./connection.ts";
import { LineWriter, rulesTail } from "./line_writer.ts";

/** A stream with the way its tweets are written. */
export interface Listener {
  readonly connection: StreamConnection;
  /** `data`, `includes` and `errors` as JSON, up to where the rules follow. */
  write(tweet: WorldTweet): string;
}

export interface TrafficOptions {
  readonly clock: SimulatorClock;
  readonly world: World;
  readonly rules: RuleBook;
  /** Tweets per second of the clock that are sent. */
  readonly rate: number;
  readonly replay: readonly string[] | undefined;
}

const SHORTEST_TICK_MS = 10;
/** What a tick may do at most, so that others of this process get their turn. */
const MOST_PER_TICK = 100;
/** How much that could not be sent in time is made up for: so many seconds' worth. */
const LONGEST_DEBT_S = 0.5;

export class Traffic {
  readonly #options: TrafficOptions;
  readonly #listeners = new Set<Listener>();
  #cancel: (() => void) | undefined;
  #lastTickAt = 0;
  /** Tweets that are due. */
  #due = 1;
  #replayed = 0;
  #isPaused = false;
  #hasBegun = false;
  #isClosed = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  add(listener: Listener): void {
    this.#listeners.add(listener);
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#lastTickAt = this.#options.clock.now();
    this.#tick();
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #tick(): void {
    const { clock, rate, rules, replay } = this.#options;
    if (this.#isClosed || rate === 0) return;
    const now = clock.now();
    this.#due = Math.min(this.#due + (now - this.#lastTickAt) / 1000 * rate, Math.max(rate * LONGEST_DEBT_S, 1));
    this.#lastTickAt = now;
    if (this.#isPaused || rules.effective.length === 0) this.#due = Math.min(this.#due, 1);
    else if (replay) this.#replay(replay);
    else this.#post(now);
    // Behind after a full tick: the next comes as soon as others have had their turn.
    const isBehind = this.#due >= SHORTEST_TICK_MS * rate / 1000 + 1;
    this.#cancel = clock.after(isBehind ? 0 : Math.max(SHORTEST_TICK_MS, 1000 / rate), () => this.#tick());
  }

  /** Posts until as many as are due have matched; noise comes for nothing, but not without end. */
  #post(now: number): void {
    const { world, rules } = this.#options;
    const lines = new Map<Listener, LineWriter>();
    const most = Math.ceil(this.#due) * 3;
    let count = 0;
    for (; count < Math.min(most, MOST_PER_TICK) && this.#due >= 1; count++) {
      const tweet = world.post(now, rules.effective);
      const matching = rules.match(tweet);
      if (matching.length === 0) continue;
      this.#due -= 1;
      const tail = rulesTail(matching);
      const ids = matching.map((rule) => rule.id);
      for (const listener of this.#listeners) {
        const writer = lines.get(listener) ?? new LineWriter("live");
        lines.set(listener, writer);
        writer.add(`${listener.write(tweet)}${tail}`, tweet.tweet.id, ids);
      }
    }
    if (count === most) this.#due = Math.min(this.#due, 1); // rules that hardly anything matches leave no debt
    for (const [listener, writer] of lines) listener.connection.send(writer.batch());
  }

  #replay(replay: readonly string[]): void {
    if (this.#listeners.size === 0) {
      this.#due = Math.min(this.#due, 1);
      return;
    }
    const writer = new LineWriter("live");
    const end = Math.min(replay.length, this.#replayed + MOST_PER_TICK);
    for (; this.#due >= 1 && this.#replayed < end; this.#due -= 1) {
      const line = replay[this.#replayed++]!;
      writer.add(line, ...markOf(line));
    }
    const batch = writer.batch();
    if (this.#replayed === replay.length) this.#due = 0;
    if (batch.bytes.length > 0) { for (const { connection } of this.#listeners) connection.send(batch); }
  }
}

/** The id and the rules that a given line names; empty where it names none. */
export function markOf(line: string): [id: string, rules: string[]] {
  try {
    const { data, matching_rules: rules } = JSON.parse(line);
    return [String(data?.id ?? ""), (rules ?? []).map((rule: { id: unknown }) => String(rule.id))];
  } catch {
    return ["", []]; // lines of garbage are sent as well
  }
}
