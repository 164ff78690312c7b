/**
 * Statistics by rule: how many tweets were accepted for each within a rolling window and since ever, and how many its
 * rate limit dropped. They are kept in memory, and written to Redis by a timer: `traptor:stats:<app>:<type>:<id>`.
 *
 * It promises: a tweet costs no command, and the load on Redis does not depend on how many come: what has changed is
 * written every five seconds, 500 rules a command, at most 400 commands at a time; a slot for which none is left comes
 * first the next time. Totals go on over restarts and holders of the lease. A Redis that is away stops nothing, loses
 * nothing that is in memory, and is told once. Only who holds the lease writes: between `begin` and `end`.
 */

import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { Flag } from "../base/flag.ts";
import type { Random } from "../base/random.ts";
import type { RedisConnection } from "../base/redis.ts";
import { WrongKeyTypeError } from "../base/redis_failure.ts";
import { BACKOFF } from "../base/retry.ts";
import { writeBehind } from "../base/write_behind.ts";
import type { Rule } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";
import type { RuleFigures, WritingTime } from "./rule_figures.ts";
import { statisticsKey } from "./rule_row.ts";
import { SlotFigures } from "./slot_figures.ts";

export interface RuleStatisticsOptions {
  /** Closed when `run` ends. */
  redis: RedisConnection;
  /** Before each key; a simulation has one of its own. */
  prefix: string;
  app: string;
  /** How long the rolling window is. */
  windowMs: number;
  clock: Clock;
  random: Random;
  events: Events;
}

const WRITE_EVERY_MS = 5_000;
const MOST_COMMANDS = 400;

export class RuleStatistics {
  readonly #options: RuleStatisticsOptions;
  readonly #slots = new Map<string, SlotFigures>();
  /** The way from a rule to its figures that costs least. */
  #byRule = new WeakMap<Rule, RuleFigures>();
  readonly #due = new Flag();
  /** Raised with each beginning and end, so that what was begun in one tenure is not gone on with in another. */
  #tenure = 0;
  #isHolder = false;
  #began: { readonly monotonic: number; readonly wall: number };
  /** The slot that comes first the next time. */
  #first = 0;
  #isToldOf = false;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(options: RuleStatisticsOptions) {
    this.#options = options;
    this.#began = { monotonic: options.clock.monotonic(), wall: options.clock.now() };
  }

  /** Counts an accepted tweet for each rule that it matched. */
  countAccepted(rules: readonly Rule[]): void {
    const monotonic = this.#options.clock.monotonic();
    const wall = this.#options.clock.now();
    for (const rule of rules) this.#figuresOf(rule).countAccepted(monotonic, wall);
  }

  /** Counts a tweet that the rate limit dropped for each rule that it matched. */
  countLimited(rules: readonly Rule[]): void {
    for (const rule of rules) this.#figuresOf(rule).countLimited();
  }

  /** Says which rules there are, of all slots. What Redis holds of other rules of these slots is taken away. */
  keepOnly(rules: Iterable<Rule>): void {
    const bySlot = new Map<string, Map<string, Rule>>();
    for (const rule of rules) {
      const slot = slotName(rule.slot);
      const ofSlot = bySlot.get(slot);
      if (ofSlot) ofSlot.set(rule.ruleId, rule);
      else bySlot.set(slot, new Map([[rule.ruleId, rule]]));
    }
    for (const slot of bySlot.keys()) this.#slotOf(slot);
    for (const [slot, figures] of this.#slots) figures.keepOnly(bySlot.get(slot) ?? new Map());
    this.#byRule = new WeakMap();
  }

  /** The lease is ours: windows begin anew, what Redis holds is read, and writing begins when the timer says so. */
  begin(): void {
    const { clock } = this.#options;
    this.#began = { monotonic: clock.monotonic(), wall: clock.now() };
    for (const slot of this.#slots.values()) {
      slot.forget();
      slot.beginWindows();
    }
    this.#tenure += 1;
    this.#isHolder = true;
  }

  /** The lease is not ours any more: nothing is written. What was counted and is not written yet is kept in memory. */
  end(): void {
    this.#tenure += 1;
    this.#isHolder = false;
  }

  /** Writes what has changed, trying once, then ends: before the lease is given up in order. */
  async finish(): Promise<void> {
    const tenure = this.#tenure;
    await this.#write(Infinity);
    if (this.#tenure === tenure) this.end();
  }

  /** Writes by a timer until the signal is aborted, then what is left, once, and rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, redis } = this.#options;
    const tick = () => {
      this.#due.raise();
      cancel = clock.after(WRITE_EVERY_MS, tick);
    };
    let cancel = clock.after(WRITE_EVERY_MS, tick);
    const write = () => this.#write(signal.aborted ? Infinity : MOST_COMMANDS);
    try {
      await writeBehind({ noted: this.#due, write, policy: BACKOFF.redis, clock, random }, signal);
    } finally {
      cancel();
      this.end();
      redis.close();
    }
  }

  #figuresOf(rule: Rule): RuleFigures {
    let figures = this.#byRule.get(rule);
    if (!figures) {
      figures = this.#slotOf(slotName(rule.slot)).figuresOf(rule);
      this.#byRule.set(rule, figures);
    }
    return figures;
  }

  #slotOf(name: string): SlotFigures {
    let slot = this.#slots.get(name);
    if (!slot) {
      const { app, clock, prefix, windowMs } = this.#options;
      slot = new SlotFigures(statisticsKey(prefix, app, name), { scale: clock.scale, windowMs });
      this.#slots.set(name, slot);
    }
    return slot;
  }

  /** Writes what has changed, one call after the other; answers whether Redis did it. */
  #write(mostCommands: number): Promise<boolean> {
    const writing = this.#lastWrite.then(() => this.#writeSlots(mostCommands));
    this.#lastWrite = writing.catch(() => {});
    return writing;
  }

  async #writeSlots(mostCommands: number): Promise<boolean> {
    const tenure = this.#tenure;
    const slots = [...this.#slots.values()];
    const first = this.#first;
    this.#first = 0;
    let commands = 0;
    try {
      for (let step = 0; step < slots.length && this.#isHolder && tenure === this.#tenure; step++) {
        const at = (first + step) % slots.length;
        if (commands >= mostCommands) {
          this.#first = at;
          break;
        }
        commands += await this.#writeSlot(slots[at]!, tenure);
      }
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      // Redis may be another than before, or hold what it did not answer for.
      for (const slot of this.#slots.values()) slot.forget();
      this.#tell(error.message);
      return false;
    }
    return true;
  }

  /** Answers with how many commands it took. */
  async #writeSlot(slot: SlotFigures, tenure: number): Promise<number> {
    const { redis } = this.#options;
    let commands = 0;
    if (!slot.isRead) {
      const fields = await this.#fieldsOf(slot);
      commands += 1;
      if (!fields || tenure !== this.#tenure) return commands;
      slot.read(fields);
    }
    for (const change of slot.changes(this.#time())) {
      await redis.pipeline(change.commands);
      change.arrived();
      this.#isToldOf = false;
      commands += change.commands.length;
      if (tenure !== this.#tenure) break;
    }
    return commands;
  }

  /** What the hash of a slot holds; undefined where its key holds something else: the other slots go on. */
  async #fieldsOf({ key }: SlotFigures): Promise<Readonly<Record<string, string>> | undefined> {
    try {
      return await this.#options.redis.hashFields(key);
    } catch (error) {
      if (!(error instanceof WrongKeyTypeError)) throw error;
      this.#tell(error.message);
      return undefined;
    }
  }

  #time(): WritingTime {
    const { clock, windowMs } = this.#options;
    const monotonic = clock.monotonic();
    const isWhole = monotonic - this.#began.monotonic >= windowMs;
    return { monotonic, wall: clock.now(), since: isWhole ? undefined : this.#began.wall };
  }

  /** Tells what is wrong, once until something could be written again. */
  #tell(reason: string): void {
    if (!this.#isToldOf) this.#options.events.emit("statistics_unwritten", { reason });
    this.#isToldOf = true;
  }
}
