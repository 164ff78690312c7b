/**
 * A model of what synchronising owes, whatever happens between two requests: checked against X's own state after each
 * of them. The same rounds run over the fake, many times, and over the simulator.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Events } from "../../src/base/events.ts";
import { readRule } from "../../src/model/rule.ts";
import { wantedQueries, wireTag } from "../../src/model/wire_rules.ts";
import { RuleSync, type SyncResult } from "../../src/stream/rule_sync.ts";
import { alternativesIn } from "../../src/stream/wire_content.ts";
import type { XApi, XRule } from "../../src/stream/x_api.ts";
import { XFailure } from "../../src/stream/x_failure.ts";
import { CutXApi } from "../support/cut_x_api.ts";

/** An X and what it holds, seen from behind. */
export interface XUnderSync {
  readonly api: XApi;
  readonly held: () => Promise<readonly XRule[]>;
  /** What it refuses though our matcher decides it. */
  readonly invalid: string;
}

export interface SyncRounds {
  readonly rounds: number;
  readonly chance: () => number;
  /** How many different queries there are. */
  readonly queries: number;
  readonly asksFirst?: boolean;
}

const INSTALLATION = "0a1b2c3d";
const TIER = { rules: 1_000, ruleLength: 60 };
const signal = new AbortController().signal;

/** Changes what is wanted again and again, with cuts, crashes and strangers; throws when a promise is broken. */
export async function runSyncRounds({ api, held, invalid }: XUnderSync, options: SyncRounds): Promise<void> {
  const { chance, rounds, queries, asksFirst = false } = options;
  const model = new SyncModel();
  const events = new Events();
  events.listen(({ name, fields }) => {
    if (name === "rules_uncovered") model.allow(Number((fields as { queries: number }).queries));
  });
  const x = new CutXApi(api, chance, async () => model.see(await held()));
  const start = () => new RuleSync({ api: x, installation: INSTALLATION, events, tier: TIER, asksFirst });
  const strangers = await api.addRules([{ value: "theirs", tag: "somebody" }, {
    value: queryOf(3),
    tag: wireTag("ffffffff", "abc"),
  }], signal);
  model.strangers = strangers.added.map(({ id }) => id);

  let sync = start();
  for (let round = 0; round < rounds; round++) {
    const values = Array.from({ length: queries }, (_, at) => at === 5 ? invalid : queryOf(at))
      .filter(() => chance() < [0.2, 0.5, 0.9][Math.floor(chance() * 3)]!);
    const wanted = wantedQueries(
      values.map((value) => readRule(value, { type: "query", id: 0 })),
      (_rule, fault) => {
        throw fault;
      },
    );
    model.want(values);
    if (chance() < 0.2) await drift(api, chance, model);
    x.cutPercent = chance() < 0.7 ? 25 : 0;
    for (let tries = 0; tries < 3; tries++) {
      try {
        await sync.synchronise(wanted, signal);
        break;
      } catch (error) {
        if (!(error instanceof XFailure)) throw error;
        if (chance() < 0.4) sync = start();
      }
    }
    x.cutPercent = 0;
    const result = await sync.synchronise(wanted, signal);
    checkSettled(await held(), values, invalid, result, `round ${round}`);
    x.writes = 0;
    const again = await sync.synchronise(wanted, signal);
    assertEquals(x.writes, 0, `round ${round}: a second time there is nothing to do`);
    assertEquals(valuesOf(again), valuesOf(result));
  }
  assert(model.checks > rounds * 4);
}

function valuesOf({ held }: SyncResult): string[] {
  return [...held].map(([id, { value }]) => `${id} ${value}`).sort();
}

/** Somebody else deletes one of our rules, or adds one with our tag. */
async function drift(api: XApi, chance: () => number, model: SyncModel): Promise<void> {
  const rules = (await api.rules(signal)).filter(({ id }) => !model.strangers.includes(id));
  const rule = rules[Math.floor(chance() * rules.length)];
  if (rule && chance() < 0.7) await api.deleteRules([rule.id], signal);
  else await api.addRules([{ value: "unknown", tag: wireTag(INSTALLATION, "unknown") }], signal);
  model.startAnew(await api.rules(signal));
}

/** Words, which can share a rule; every third query cannot. */
function queryOf(at: number): string {
  return at % 3 === 2 ? `url:link${at}` : at % 7 === 1 ? `word${at} OR other${at}` : `word${at}`;
}

function checkSettled(
  held: readonly XRule[],
  values: readonly string[],
  invalid: string,
  { held: ours, refused, unplaced }: SyncResult,
  where: string,
): void {
  assertEquals([...refused.keys()].filter((value) => value !== invalid), [], where);
  const byId = new Map(held.map((rule) => [rule.id, rule]));
  for (const [id, rule] of ours) assertEquals(byId.get(id)?.value, rule.value, `${where}: X does not hold ${id}`);
  const without = new Set([...refused.keys(), ...unplaced.map(({ value }) => value)]);
  assert(!values.includes(invalid) || without.has(invalid), `${where}: nobody told of the invalid one`);
  const known = new Set([...ours.values()].flatMap((rule) => rule.queries.map(({ value }) => value)));
  assertEquals(values.filter((value) => known.has(value) === without.has(value)), [], `${where}: held, or named`);
  const surplus = held.filter(({ id, tag }) => tag.startsWith(`traptor:${INSTALLATION}:`) && !ours.has(id));
  assertEquals(surplus, [], `${where}: rules of ours that stand for nothing`);
}

/** What has to be at X all the time. */
class SyncModel {
  strangers: readonly string[] = [];
  checks = 0;
  #wanted: readonly string[] = [];
  /** Queries that X has held since they are wanted. */
  readonly #owed = new Set<string>();
  #allowed = 0;

  want(values: readonly string[]): void {
    this.#wanted = values;
    for (const value of this.#owed) if (!values.includes(value)) this.#owed.delete(value);
    this.#allowed = 0;
  }

  /** So many queries may be without cover for a moment: that was told. */
  allow(queries: number): void {
    this.#allowed += queries;
  }

  /** What X holds is what is owed from now on: it was changed by somebody else. */
  startAnew(held: readonly XRule[]): void {
    this.#owed.clear();
    this.#owe(held);
  }

  see(held: readonly XRule[]): void {
    this.checks += 1;
    const ids = new Set(held.map(({ id }) => id));
    for (const id of this.strangers) assert(ids.has(id), `the rule ${id} of somebody else is gone`);
    const alternatives = new Set(held.flatMap(({ value }) => alternativesIn(value)));
    for (const value of this.#owed) {
      if (alternativesIn(value).every((part) => alternatives.has(part))) continue;
      assert(this.#allowed > 0, `${value} left X, which nobody told; it holds ${held.map((rule) => rule.value)}`);
      this.#allowed -= 1;
      this.#owed.delete(value);
    }
    this.#owe(held);
  }

  #owe(held: readonly XRule[]): void {
    const rules = held.map(({ value }) => new Set(alternativesIn(value)));
    for (const value of this.#wanted) {
      if (rules.some((rule) => alternativesIn(value).every((part) => rule.has(part)))) this.#owed.add(value);
    }
  }
}
