/** Rates from counts: a collector without Redis tells how often each rule has matched, and two looks make a rate. */

import { get } from "node:http";
import { TransientError } from "../../base/errors.ts";
import { isObject, type JsonValue, parseJson } from "../../model/json.ts";
import type { RuleRow } from "./model.ts";

/** How often a rule has matched since the collector began. */
export interface RuleCount {
  readonly slot: string;
  readonly ruleId: string;
  readonly value: string;
  readonly matches: number;
}

interface Seen {
  readonly matches: number;
  readonly lastAt: number | undefined;
}

/** How long an answer is waited for. */
const ANSWER_MS = 5_000;

/** Remembers the look before. */
export class CountedRules {
  #seen = new Map<string, Seen>();
  #at: number | undefined;

  /** The rules with their rates since the look before; a collector that began anew counts from zero. */
  look(counts: readonly RuleCount[], at: number): RuleRow[] {
    const seconds = this.#at === undefined ? 0 : (at - this.#at) / 1_000;
    const seen = new Map<string, Seen>();
    const rows = counts.map(({ matches, ruleId, slot, value }): RuleRow => {
      const key = `${slot} ${ruleId} ${value}`;
      const before = this.#seen.get(key);
      const more = before === undefined ? 0 : matches >= before.matches ? matches - before.matches : matches;
      const lastAt = more > 0 ? at : before?.lastAt;
      seen.set(key, { matches, lastAt });
      const rate = seconds > 0 ? more / seconds : 0;
      return { key, slot, value, matches: 0, windowMs: 0, total: matches, lastAt, rate };
    });
    this.#seen = seen;
    this.#at = at;
    return rows;
  }
}

/** Asks a collector's `/status` for its counts. Not by way of a proxy: it is this machine. Throws TransientError. */
export function readRuleCounts(url: string): Promise<RuleCount[]> {
  const { hostname, port } = new URL(url);
  // A server that listens everywhere is asked here.
  const host = hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "[::]" ? "::1" : hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(new TransientError("the collector does not answer", { cause }));
    const request = get(
      { host, port: Number(port || 80), path: "/status", agent: false, timeout: ANSWER_MS },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => text += part);
        response.on("error", fail);
        response.on("end", () => {
          try {
            resolve(ruleCountsIn(parseJson(text)));
          } catch (error) {
            fail(error);
          }
        });
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", fail);
  });
}

/** The counts in a status; what is none is left out. */
export function ruleCountsIn(status: JsonValue): RuleCount[] {
  const counts = isObject(status) ? status["rule_counts"] : undefined;
  if (!Array.isArray(counts)) return [];
  return counts.flatMap((count): RuleCount[] => {
    if (!isObject(count)) return [];
    const { matches, rule_id: ruleId, slot, value } = count;
    if (typeof slot !== "string" || typeof value !== "string") return [];
    if (typeof matches !== "number" || !(matches >= 0)) return [];
    return [{ slot, value, matches, ruleId: typeof ruleId === "string" ? ruleId : "" }];
  });
}
