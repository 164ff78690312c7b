/**
 * The roster: who is there. Each instance tells of itself in `traptor:instances` at every beat, and reads what the others
 * told. From it follow the slots that whoever holds the app's connection collects: those of all that are there, and for a
 * minute of those that were, so that a restart changes nothing at X.
 *
 * It promises that what is read is as old as a beat at most, while Redis answers; that an instance of another app that
 * collects the same slots is found before this one collects anything. Entries of those that are gone stay while records
 * wait in their journals.
 */

import type { Clock } from "../base/clock.ts";
import { SettingsError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { RedisConnection } from "../base/redis.ts";
import { type InstanceReport, INTERVALS_TO_LIVE, isLive, readInstance } from "../model/instance.ts";
import { overlap, selectionsNamed, type SlotSelection } from "../model/slot.ts";
import { Deadline, momentOf } from "./deadline.ts";
import type { RedisTime } from "./redis_time.ts";

/** What an instance tells of itself, but what the roster knows. Times are on its own clock. */
export type InstanceFacts = Omit<
  InstanceReport,
  "id" | "process" | "app" | "slots" | "separate" | "started_at" | "at" | "interval" | "clock_ahead"
>;

export interface RosterOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly app: string;
  readonly instance: string;
  readonly process: string;
  /** What it was told to collect, as the report names it. */
  readonly slots: readonly string[];
  /** Whether the apps in this Redis have each a use case of their own. */
  readonly isSeparate: boolean;
  /** Whether it only looks: nobody is to count on it. */
  readonly isGuest: boolean;
  readonly intervalMs: number;
  /** How long a lease lasts. */
  readonly ttlMs: number;
  /** Whether the process before this one was alone when it last looked. */
  readonly wasAlone: boolean;
  readonly clock: Clock;
  readonly time: RedisTime;
  readonly events: Events;
}

/** How long the slots of an instance that is gone are collected by the others. */
const GRACE_MS = 60_000;
/** How many intervals between two answers of Redis are a break, in which others may not have been able to tell anything. */
const MOST_BETWEEN = 2;
/** How long an entry stays for which nothing waits. */
const KEPT_MS = 86_400_000;

/** KEYS: the roster. ARGV: our field and what we tell, empty for nothing. Answers {now, what was in our field before, then all fields}. */
const BEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
local answer = { now, before }
for _, word in ipairs(redis.call('HGETALL', KEYS[1])) do table.insert(answer, word) end
return answer
`;

export class Roster {
  readonly #options: RosterOptions;
  readonly #key: string;
  readonly #field: string;
  readonly #startedAt: number;
  /** When we first told of ourselves, on the monotonic clock; undefined before. */
  #joinedAt: number | undefined;
  #entries: readonly InstanceReport[] = [];
  /** The app's other instances that have not left, as they told last, also where Redis has forgotten it. */
  readonly #others = new Map<string, InstanceReport>();
  /** When the last break in Redis's answers ended, if there was one, and when it answered last; on the monotonic clock. */
  #answersSince = -Infinity;
  #answeredAt = Infinity;
  #isTwinTold = false;
  #isAlone = false;
  /** For how long what was seen at the last beat is good. */
  #looked: Deadline | undefined;

  constructor(options: RosterOptions) {
    this.#options = options;
    const { app, clock, instance, prefix } = options;
    this.#key = `${prefix}traptor:instances`;
    this.#field = `${app}:${instance}`;
    this.#startedAt = clock.now();
  }

  /** For how long we have been in it, in milliseconds; undefined before we were. */
  get joinedMs(): number | undefined {
    return this.#joinedAt === undefined ? undefined : this.#options.clock.monotonic() - this.#joinedAt;
  }

  /** The app's instances, this one among them, as they told of themselves last. */
  get instances(): readonly InstanceReport[] {
    return this.#entries.filter(({ app }) => app === this.#options.app);
  }

  /** Whether another instance of the app is there, by what it told. */
  get hasOthers(): boolean {
    const { instance, time } = this.#options;
    return this.instances.some((entry) => entry.id !== instance && isLive(entry, time.now));
  }

  /** Whether at the last beat no other instance of the app was there, or could be. */
  get isAlone(): boolean {
    return this.#isAlone;
  }

  /** The same, and that beat is so young that no other can have come and hold the app's connection. */
  get isAloneNow(): boolean {
    return this.#isAlone && this.#looked !== undefined && this.#looked.fault === undefined;
  }

  /**
   * For how long nothing was heard of an instance though it could have been: nobody can tell anything while Redis does not
   * answer, and an entry that is old is not that of an instance that is gone. It is counted to the last answer.
   */
  #silence(entry: InstanceReport): number {
    const { clock, time } = this.#options;
    const answeredAgo = clock.monotonic() - this.#answeredAt;
    return Math.min(time.now - answeredAgo - entry.at, this.#answeredAt - this.#answersSince);
  }

  #noteAnswer(at: number): void {
    const { app, instance, intervalMs } = this.#options;
    if (at - this.#answeredAt > MOST_BETWEEN * intervalMs) this.#answersSince = at;
    this.#answeredAt = at;
    for (const entry of this.#entries) {
      if (entry.app !== app || entry.id === instance) continue;
      if (entry.role === "leaving") this.#others.delete(entry.id);
      else this.#others.set(entry.id, entry);
    }
  }

  /** Whether nobody else is there, or can be: whoever is would have told by now. */
  #findNobody(): boolean {
    const { clock, intervalMs, wasAlone } = this.#options;
    const since = Math.max(
      this.#answersSince,
      wasAlone && this.#others.size === 0 ? -Infinity : this.#joinedAt ?? Infinity,
    );
    if (clock.monotonic() - since < INTERVALS_TO_LIVE * intervalMs) return false;
    return [...this.#others.values()].every((entry) => this.#silence(entry) > INTERVALS_TO_LIVE * entry.interval);
  }

  /** The slots to collect: our own, and those of the app's other instances. */
  get slots(): readonly SlotSelection[] {
    const { instance, slots } = this.#options;
    const others = this.instances.filter((entry) => entry.id !== instance && this.#silence(entry) <= GRACE_MS);
    return selectionsNamed([...new Set([...slots, ...others.flatMap((entry) => entry.slots)])].sort());
  }

  /**
   * Tells of ourselves, and reads what the others told. Throws SettingsError where an instance of another app collects
   * our slots, at the first beat; TransientError where Redis does not answer.
   */
  async beat(facts: InstanceFacts): Promise<void> {
    const { clock, isGuest, redis, time, ttlMs } = this.#options;
    const askedAt = clock.monotonic();
    // What is told is told on Redis's clock, which its first answer tells.
    if (this.#joinedAt === undefined) time.learn(askedAt, await redis.time());
    const sent = momentOf(clock);
    const told = isGuest ? "" : JSON.stringify(this.report(facts));
    const answer = await redis.evaluate(BEAT, [this.#key], [this.#field, told]);
    const [now, before, ...fields] = answer as readonly (string | number)[];
    time.learn(sent.monotonic, Number(now));
    this.#entries = fields.filter((_, at) => at % 2 === 1).flatMap((text) => readInstance(String(text)) ?? []);
    if (this.#joinedAt === undefined) await this.#refuseOverlap();
    else this.#tellTwin(String(before));
    this.#joinedAt ??= sent.monotonic;
    this.#noteAnswer(sent.monotonic);
    this.#isAlone = this.#findNobody();
    this.#looked = new Deadline(clock, sent, ttlMs);
    await this.#forgetOld();
  }

  /** Tells that we have ended; what waits in the journal is told for as long as it does. */
  async leave(facts: InstanceFacts): Promise<void> {
    const { isGuest, redis } = this.#options;
    if (this.#joinedAt === undefined || isGuest) return;
    await redis.pipeline([[
      "HSET",
      this.#key,
      this.#field,
      JSON.stringify(this.report({ ...facts, role: "leaving", lease: 0 })),
    ]]);
  }

  /** What is told of this instance. */
  report(facts: InstanceFacts): InstanceReport {
    const { app, clock, instance, intervalMs, isSeparate, process, slots, time } = this.#options;
    const there = (at: number) => at === 0 ? 0 : time.inRedis(at);
    return {
      ...facts,
      since: there(facts.since),
      until: there(facts.until),
      last_tweet_at: there(facts.last_tweet_at),
      waiting_since: there(facts.waiting_since),
      id: instance,
      process,
      app,
      slots,
      separate: isSeparate,
      started_at: time.inRedis(this.#startedAt),
      at: time.now,
      interval: intervalMs,
      clock_ahead: Math.round(time.aheadMs / clock.scale),
    };
  }

  /**
   * Two apps for one purpose are against X's rules, and the same rules in two apps look like that. Whoever comes second
   * goes: both told of themselves before they looked.
   */
  async #refuseOverlap(): Promise<void> {
    const { app, isGuest, isSeparate, redis, slots, time } = this.#options;
    if (isSeparate) return;
    const own = selectionsNamed(slots);
    const other = this.#entries.find((entry) =>
      entry.app !== app && isLive(entry, time.now) &&
      selectionsNamed(entry.slots).some((selection) => own.some((one) => overlap(one, selection)))
    );
    if (!other) return;
    if (!isGuest) await redis.pipeline([["HDEL", this.#key, this.#field]]);
    throw new SettingsError(
      `Cannot collect ${slots.join(", ")}: an instance on ${other.host} collects the same with another token ` +
        `(app ${other.app}). X forbids several apps for one use case, and takes its access away for it`,
      {
        hint: "the same token on all machines: one reads, the others stand by. After a change of the token stop the " +
          "other first. X_SEPARATE_USE_CASES=yes if X has approved a use case of its own for each app",
      },
    );
  }

  /** Another process tells under our name, again and again: the state directory is a copy. */
  #tellTwin(before: string): void {
    const { events, instance, process } = this.#options;
    const written = readInstance(before);
    if (this.#isTwinTold || this.#options.isGuest || !written || written.process === process) return;
    this.#isTwinTold = true;
    events.emit("instance_twin", { instance, host: written.host });
  }

  /** Takes away what nobody needs to know any more of instances of our app that are gone. */
  async #forgetOld(): Promise<void> {
    const { instance, isGuest, redis, time } = this.#options;
    if (isGuest) return;
    const now = time.now;
    const old = this.instances.filter((entry) => {
      if (entry.id === instance || entry.waiting > 0 || isLive(entry, now)) return false;
      return this.#silence(entry) > (entry.role === "leaving" ? GRACE_MS : KEPT_MS);
    });
    if (old.length === 0) return;
    await redis.pipeline([["HDEL", this.#key, ...old.map(({ app, id }) => `${app}:${id}`)]]);
  }
}
