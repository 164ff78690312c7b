/**
 * X's rules as the documents describe them, in memory: all-or-nothing on invalid rules, duplicates by value, a cap,
 * trials. It writes down the order of calls, and can fail at any of them.
 *
 * @module
 */
import type { AddedRules, RuleCounts, XApi, XRule } from "../../src/stream/x_api.ts";
import { XFailure } from "../../src/stream/x_failure.ts";

export class FakeXRules implements XApi {
  held: XRule[] = [];
  readonly calls: string[] = [];
  cap = 1_000;
  tellsCap = true;
  /** The cap that it tells where that is not the one it has. */
  toldCap: number | undefined;
  /** The most alternatives that a rule may have. */
  mostAlternatives = Infinity;
  /** Fails the call of this number, counted from 0. */
  failAt = -1;
  /** Sees what is held after every change. */
  onChange: (held: readonly XRule[]) => void = () => {};
  #nextId = 1_600_000_000_000_000_001n;

  rules(): Promise<XRule[]> {
    return this.#call("list", () => [...this.held]);
  }

  ruleCounts(): Promise<RuleCounts> {
    return this.#call("counts", () => ({
      capPerProject: this.tellsCap ? this.toldCap ?? this.cap : undefined,
      heldByProject: this.tellsCap ? this.held.length : undefined,
    }));
  }

  addRules(
    add: readonly { value: string; tag: string }[],
    _signal?: AbortSignal,
    { isTrial = false }: { isTrial?: boolean } = {},
  ): Promise<AddedRules> {
    return this.#call(`${isTrial ? "try" : "add"} ${add.map(({ value }) => value).join("|")}`, () => {
      const nothing = { added: [], existing: [], refused: [], untried: [], capReached: false };
      const invalid = add.filter(({ value }) => this.#isInvalid(value));
      if (invalid.length > 0) {
        const refused = invalid.map(({ value }) => ({ value, reason: "it is invalid" }));
        return { ...nothing, refused, untried: add.filter((rule) => !invalid.includes(rule)) };
      }
      const values = new Set(add.map(({ value }) => value));
      const existing = this.held.filter(({ value }) => values.has(value));
      for (const { value } of existing) values.delete(value);
      const fresh = add.filter(({ value }) => values.has(value));
      if (this.held.length + fresh.length > this.cap) return { ...nothing, untried: [...add], capReached: true };
      const added = fresh.map((rule) => ({ ...rule, id: String(this.#nextId++) }));
      if (isTrial) return { ...nothing, added, existing };
      this.held.push(...added);
      this.onChange(this.held);
      return { ...nothing, added, existing };
    });
  }

  deleteRules(ids: readonly string[]): Promise<void> {
    return this.#call(`delete ${ids.length}`, () => {
      this.held = this.held.filter(({ id }) => !ids.includes(id));
      this.onChange(this.held);
    });
  }

  #isInvalid(value: string): boolean {
    return value.includes("INVALID") || value.split(" OR ").length > this.mostAlternatives;
  }

  #call<T>(name: string, answer: () => T): Promise<T> {
    const number = this.calls.push(name) - 1;
    if (number === this.failAt) return Promise.reject(new XFailure("network", "the line was cut"));
    return Promise.resolve(answer());
  }
}
