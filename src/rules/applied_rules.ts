/**
 * Word in Redis, for people, of what was done with the rules at X: which of our rules X refuses, and in the history how
 * many were added and deleted there.
 *
 * A collector hands its word over and goes on; it is written beside collecting, as soon as Redis takes it, the last word
 * on refused rules and all changes since. A Redis that is away stops nothing.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import { Flag } from "../base/flag.ts";
import type { Random } from "../base/random.ts";
import type { RedisConnection } from "../base/redis.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import { BACKOFF } from "../base/retry.ts";
import { writeBehind } from "../base/write_behind.ts";
import type { Rule } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";
import { noteRefusedRules } from "./refused_rules.ts";
import { RuleHistory } from "./rule_history.ts";

/** What was done at X. */
export interface Applied {
  /** Our rules that were wanted there. */
  readonly wanted: readonly Rule[];
  /** Those that X refuses, with its words. */
  readonly refused: ReadonlyMap<Rule, string>;
  /** How many rules of X's were added and deleted. */
  readonly added: number;
  readonly deleted: number;
}

export interface AppliedRulesOptions {
  redis: RedisConnection;
  clock: Clock;
  /** `user@host`. */
  by: string;
  /** What changes the rules at X, for people: `rules apply`. */
  what: string;
}

/** Writes what was done. Throws TransientError, WrongKeyTypeError. */
export async function writeApplied(
  { redis, clock, by, what }: AppliedRulesOptions,
  { wanted, refused, added, deleted }: Applied,
): Promise<void> {
  await noteRefusedRules(redis, wanted, refused, new Date(clock.now()).toISOString());
  if (added + deleted === 0) return;
  await new RuleHistory({ redis, clock, by }).noteAtX(what, { added, removed: deleted, changed: 0 });
}

/** Writes what a collector does, beside collecting. */
export class AppliedRules {
  readonly #options: AppliedRulesOptions & { events: Events; random: Random };
  readonly #noted = new Flag();
  #waiting: Applied | undefined;
  /** The refused rules that Redis knows of. */
  #written: string | undefined;

  /** The connection is closed when `run` ends. */
  constructor(options: AppliedRulesOptions & { events: Events; random: Random }) {
    this.#options = options;
  }

  /** Takes word of what was done; what is not written yet is written with it. */
  note(applied: Applied): void {
    this.#waiting = joined(this.#waiting, applied);
    this.#noted.raise();
  }

  /** Writes until the signal is aborted, then what is left, once, and rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, redis } = this.#options;
    const write = () => this.#write();
    try {
      await writeBehind({ noted: this.#noted, write, policy: BACKOFF.redis, clock, random }, signal);
    } finally {
      redis.close();
    }
  }

  /** Writes what waits; answers whether nothing waits any more. */
  async #write(): Promise<boolean> {
    const applied = this.#waiting;
    if (!applied) return true;
    this.#waiting = undefined;
    const refused = refusedText(applied);
    if (refused === this.#written && applied.added + applied.deleted === 0) return true;
    try {
      await writeApplied(this.#options, applied);
      this.#written = refused;
      return true;
    } catch (error) {
      if (!isRedisFailure(error)) throw error;
      this.#options.events.emit("rules_note_failed", { reason: error.message });
      this.#waiting = joined(applied, this.#waiting);
      return false;
    }
  }
}

/** One word for two: the later one's on what is wanted and refused, the changes of both. */
function joined(earlier: Applied | undefined, later: Applied | undefined): Applied | undefined {
  if (!earlier || !later) return earlier ?? later;
  return { ...later, added: earlier.added + later.added, deleted: earlier.deleted + later.deleted };
}

/** What Redis is told of refused rules, to see whether it changes. */
function refusedText({ wanted, refused }: Applied): string {
  const slots = new Set(wanted.map((rule) => slotName(rule.slot)));
  const reasons = [...refused].map(([rule, reason]) => [slotName(rule.slot), rule.value, reason]);
  return JSON.stringify([[...slots], reasons]);
}
