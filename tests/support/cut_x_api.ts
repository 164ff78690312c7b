/**
 * A way to X that is cut by chance: before a request has any effect, or after it had its effect and before the answer.
 * Whoever watches hears of every request that reached X.
 *
 * @module
 */
import type { AddedRules, RuleCounts, XApi, XRule } from "../../src/stream/x_api.ts";
import { XFailure } from "../../src/stream/x_failure.ts";

export class CutXApi implements XApi {
  readonly #api: XApi;
  readonly #chance: () => number;
  readonly #watch: () => Promise<void>;
  /** How many requests in a hundred are cut, half of them before their effect and half of them after it. */
  cutPercent = 0;
  /** How many requests changed something at X, or tried to. */
  writes = 0;

  constructor(api: XApi, chance: () => number, watch: () => Promise<void>) {
    this.#api = api;
    this.#chance = chance;
    this.#watch = watch;
  }

  rules(signal: AbortSignal): Promise<XRule[]> {
    return this.#pass(() => this.#api.rules(signal));
  }

  ruleCounts(signal: AbortSignal): Promise<RuleCounts> {
    return this.#pass(() => this.#api.ruleCounts(signal));
  }

  addRules(
    rules: readonly { readonly value: string; readonly tag: string }[],
    signal: AbortSignal,
    options: { readonly isTrial?: boolean } = {},
  ): Promise<AddedRules> {
    if (!options.isTrial) this.writes += 1;
    return this.#pass(() => this.#api.addRules(rules, signal, options));
  }

  deleteRules(ids: readonly string[], signal: AbortSignal): Promise<void> {
    this.writes += 1;
    return this.#pass(() => this.#api.deleteRules(ids, signal));
  }

  async #pass<T>(request: () => Promise<T>): Promise<T> {
    const fate = this.#chance() * 200;
    if (fate < this.cutPercent) throw new XFailure("network", "the line was cut before the request");
    const answer = await request();
    await this.#watch();
    if (fate < this.cutPercent * 2) throw new XFailure("network", "the line was cut before the answer");
    return answer;
  }
}
