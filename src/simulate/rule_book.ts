/**
 * The rules of the one project that this X serves, compiled for matching. It keeps them until they are deleted,
 * whoever connects; a change takes effect on open streams after `delayMs`.
 */

import type { SimulatorClock } from "./clock.ts";
import { Content, type Matcher } from "./query/content.ts";
import { compileQuery, keysIn, keysOf } from "./query/matcher.ts";
import type { Node } from "./query/syntax.ts";
import { snowflake } from "./snowflake.ts";
import type { WorldTweet } from "./world/types.ts";

export interface HeldRule {
  readonly id: string;
  readonly value: string;
  readonly tag?: string;
  readonly node: Node;
  /** Its entry of `matching_rules`, as JSON. */
  readonly matchJson: string;
}

interface Compiled {
  readonly rule: HeldRule;
  readonly matches: Matcher;
}

/** Rules as they take part in matching, ready to be asked. */
interface Index {
  readonly rules: readonly HeldRule[];
  readonly byKey: ReadonlyMap<string, readonly Compiled[]>;
  /** Those that must be asked for every tweet. */
  readonly always: readonly Compiled[];
}

export class RuleBook {
  readonly #clock: SimulatorClock;
  readonly #delayMs: number;
  readonly #byId = new Map<string, HeldRule>();
  readonly #byValue = new Map<string, HeldRule>();
  readonly #compiled = new WeakMap<HeldRule, Compiled>();
  readonly #timers = new Set<() => void>();
  #index: Index = { rules: [], byKey: new Map(), always: [] };
  #sequence = 0;

  constructor(clock: SimulatorClock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** All rules, in the order in which they came. */
  get all(): readonly HeldRule[] {
    return [...this.#byId.values()];
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The rules that take part in matching already. */
  get effective(): readonly HeldRule[] {
    return this.#index.rules;
  }

  withId(id: string): HeldRule | undefined {
    return this.#byId.get(id);
  }

  withValue(value: string): HeldRule | undefined {
    return this.#byValue.get(value);
  }

  /** A rule with an id of its own, which is not held yet. */
  draft(value: string, tag: string | undefined, node: Node): HeldRule {
    const id = snowflake(this.#clock.now(), this.#sequence++);
    const shown = { id, ...(tag === undefined ? {} : { tag }) };
    return { ...shown, value, node, matchJson: JSON.stringify({ id, tag: tag ?? "" }) };
  }

  add(rules: readonly HeldRule[]): void {
    for (const rule of rules) {
      this.#byId.set(rule.id, rule);
      this.#byValue.set(rule.value, rule);
    }
    this.#changed();
  }

  delete(rules: readonly HeldRule[]): void {
    for (const rule of rules) {
      this.#byId.delete(rule.id);
      this.#byValue.delete(rule.value);
    }
    this.#changed();
  }

  /** The rules that match a tweet, in their order. */
  match(tweet: WorldTweet): HeldRule[] {
    const content = new Content(tweet);
    const { byKey, always } = this.#index;
    const found = new Set<HeldRule>();
    const ask = ({ rule, matches }: Compiled) => {
      if (!found.has(rule) && matches(content)) found.add(rule);
    };
    always.forEach(ask);
    if (byKey.size > 0) { for (const key of keysIn(content)) byKey.get(key)?.forEach(ask); }
    return found.size < 2 ? [...found] : this.#index.rules.filter((rule) => found.has(rule));
  }

  /** Forgets changes that wait for their time. */
  close(): void {
    for (const cancel of this.#timers) cancel();
  }

  #changed(): void {
    if (this.#delayMs === 0) return this.#rebuild();
    const cancel = this.#clock.after(this.#delayMs, () => {
      this.#timers.delete(cancel);
      this.#rebuild();
    });
    this.#timers.add(cancel);
  }

  #rebuild(): void {
    const byKey = new Map<string, Compiled[]>();
    const always: Compiled[] = [];
    for (const rule of this.#byId.values()) {
      const compiled = this.#compiled.get(rule) ?? { rule, matches: compileQuery(rule.node) };
      this.#compiled.set(rule, compiled);
      const keys = keysOf(rule.node);
      if (!keys) always.push(compiled);
      for (const key of keys ?? []) byKey.set(key, [...byKey.get(key) ?? [], compiled]);
    }
    this.#index = { rules: this.all, byKey, always };
  }
}
