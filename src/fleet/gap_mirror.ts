/**
 * Gaps and totals of the fleet's journals in Redis: what ours are, what others' are, and who has taken which gap over.
 *
 * A gap is taken in two steps: the taker marks it (`traptor:taken:<app>`), which only one can, and confirms the mark with
 * its own number once the gap is in its journal; with the confirmation its own field appears. A mark that is not
 * confirmed is worth nothing once the taker is gone; one that is confirmed stays. Nothing is told twice, nothing is lost,
 * whatever happens between the steps.
 */

import type { RedisConnection } from "../base/redis.ts";
import { type InstanceReport, readInstance } from "../model/instance.ts";
import {
  type MirroredGap,
  type MirroredRule,
  type MirrorKeys,
  mirrorKeys,
  readMirroredGap,
  readMirroredJournal,
  readRuleSet,
  readTakenMark,
  type TakenMark,
} from "../model/mirrored.ts";
import { MirroredHash } from "./mirrored_hash.ts";

export interface GapMirrorOptions {
  /** Closed by whoever opened it. */
  readonly redis: RedisConnection;
  /** Before each key; a simulation has one of its own. */
  readonly prefix: string;
  readonly app: string;
  readonly instance: string;
}

/** What another instance's gap is there, and who has taken it. */
export interface FleetGap {
  readonly field: string;
  readonly gap: MirroredGap;
}

/** A field beside the gaps that tells whether Redis has lost them. */
const WITNESS = "told";
/** How long a set of rules is kept by Redis, and how often it is written again. */
const RULES_LIVE_MS = 9 * 24 * 3_600_000;
const RULES_AGAIN_MS = 12 * 3_600_000;

/**
 * KEYS: marks, gaps. ARGV: the field, the mark as it is (empty for none), the mark as it shall be (empty for none), and if
 * not empty a field of `gaps` with its value. Answers 1, or 0 where the mark is another one by now.
 */
const MARK = `
local known = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if known ~= ARGV[2] and known ~= ARGV[3] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[2], ARGV[4], ARGV[5]) end
return 1
`;

/** KEYS: totals. ARGV: a field. */
const TOTAL = `return redis.call('HGET', KEYS[1], ARGV[1])`;

/** Every method throws TransientError and WrongKeyTypeError where Redis does not do it. */
export class GapMirror {
  readonly #redis: RedisConnection;
  readonly #app: string;
  readonly #instance: string;
  readonly #keys: MirrorKeys;
  readonly #gaps: MirroredHash;
  readonly #hours: MirroredHash;
  /** Until when sets of rules are there for sure, by the names that they have. */
  readonly #ruleSets = new Map<string, number>();

  constructor({ app, instance, prefix, redis }: GapMirrorOptions) {
    this.#redis = redis;
    this.#app = app;
    this.#instance = instance;
    this.#keys = mirrorKeys(prefix, app);
    this.#gaps = new MirroredHash(redis, this.#keys.gaps, { instance, witness: WITNESS });
    this.#hours = new MirroredHash(redis, this.#keys.hours, { instance, witness: "total" });
  }

  /** Makes ours in Redis be these, by number; others are removed with their marks. */
  async writeGaps(gaps: ReadonlyMap<string, string>): Promise<void> {
    const fields = new Map([...gaps, [WITNESS, "{}"]]);
    if (await this.#gaps.write(fields, [this.#keys.taken])) this.#ruleSets.clear();
  }

  /** The same for the totals, by hour, and `total`. */
  async writeHours(hours: ReadonlyMap<string, string>): Promise<void> {
    await this.#hours.write(hours);
  }

  /** Whether a set of rules has to be written (again), at a moment of the monotonic clock. */
  lacksRules(hash: string, now: number): boolean {
    return (this.#ruleSets.get(hash) ?? -Infinity) <= now;
  }

  async writeRules(hash: string, text: string, now: number): Promise<void> {
    await this.#redis.setExpiring(this.#keys.ruleSet(hash), text, RULES_LIVE_MS);
    this.#ruleSets.set(hash, now + RULES_AGAIN_MS);
  }

  /** The rules of a set; undefined where they are not there. */
  async rules(hash: string): Promise<MirroredRule[] | undefined> {
    return readRuleSet(await this.#redis.get(this.#keys.ruleSet(hash)) ?? "");
  }

  /** What the instances of the app have told, by their ids. */
  async instances(): Promise<Map<string, InstanceReport>> {
    const fields = Object.entries(await this.#redis.hashFields(this.#keys.instances));
    const own = fields.filter(([field]) => field.startsWith(`${this.#app}:`));
    const reports = own.flatMap(([, text]) => readInstance(text) ?? []);
    return new Map(reports.map((report) => [report.id, report]));
  }

  /** Gaps of others. */
  async othersGaps(): Promise<FleetGap[]> {
    const fields = Object.entries(await this.#redis.hashFields(this.#keys.gaps));
    return fields.flatMap(([field, text]) => {
      if (field.startsWith(`${this.#instance}:`)) return [];
      const gap = readMirroredGap(text);
      return gap ? [{ field, gap }] : [];
    });
  }

  /** When another instance told its totals last, and its gaps before; undefined where it never did. */
  async toldAt(instance: string): Promise<number | undefined> {
    const total = await this.#redis.evaluate(TOTAL, [this.#keys.hours], [`${instance}:total`]);
    return readMirroredJournal(String(total ?? ""))?.at;
  }

  /** Who has taken which gap over, by its field. */
  async marks(): Promise<Map<string, TakenMark>> {
    const fields = Object.entries(await this.#redis.hashFields(this.#keys.taken));
    return new Map(fields.flatMap(([field, text]) => {
      const mark = readTakenMark(text);
      return mark ? [[field, mark] as const] : [];
    }));
  }

  /** Marks a gap, if its mark is still the one that is known; answers whether it has the new one. */
  async mark(field: string, known: TakenMark | undefined, mark: TakenMark | undefined): Promise<boolean> {
    return await this.#setMark(field, known, mark);
  }

  /** The gap is in our journal: confirms the mark, and tells of it as a gap of ours, if there is something to tell, in one. */
  async confirm(field: string, known: TakenMark | undefined, mark: TakenMark, own: string): Promise<boolean> {
    const isTold = own !== "";
    const ownField = isTold ? `${this.#instance}:${mark.number}` : "";
    const isOurs = await this.#setMark(field, known, mark, [ownField, own]);
    if (isOurs && isTold) this.#gaps.wrote(String(mark.number), own);
    return isOurs;
  }

  async #setMark(
    field: string,
    known: TakenMark | undefined,
    mark: TakenMark | undefined,
    own: readonly [string, string] = ["", ""],
  ): Promise<boolean> {
    const { gaps, taken } = this.#keys;
    const args = [field, markText(known), markText(mark), ...own];
    return await this.#redis.evaluate(MARK, [taken, gaps], args) === 1;
  }
}

function markText(mark: TakenMark | undefined): string {
  if (!mark) return "";
  const { by, host, number } = mark;
  return JSON.stringify({ by, host, number });
}
