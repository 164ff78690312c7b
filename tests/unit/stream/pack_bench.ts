/** Planning against an X in memory that does what is planned, and what every plan has to keep. */

import { assert, assertEquals } from "@std/assert";
import { readRule } from "../../../src/model/rule.ts";
import { type WantedQueries, wantedQueries, type WantedQuery, type WireRule } from "../../../src/model/wire_rules.ts";
import { type OwnRule, type PackInput, type PackPlan, planWireRules } from "../../../src/stream/rule_pack.ts";
import { alternativesIn } from "../../../src/stream/wire_content.ts";

export const RULE_LENGTH = 1_024;

export function wanted(values: Iterable<string>): WantedQueries {
  const rules = [...values].map((value) => readRule(value, { type: "query", id: 0 }));
  return wantedQueries(rules, (_rule, fault) => {
    throw fault;
  });
}

/** The query of an account whose id has 19 digits: 85 characters. */
export function account(number: number): string {
  const id = String(1_500_000_000_000_000_000n + BigInt(number) * 7_919n);
  return `from:${id} OR to:${id} OR retweets_of:${id}`;
}

export function accounts(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, at) => account(first + at));
}

/** What X holds, and how it is asked. */
export class PackedX {
  held: OwnRule[] = [];
  foreign: OwnRule[] = [];
  refused: ReadonlySet<string> = new Set();
  #nextId = 1;

  constructor(
    readonly limits: { cap: number; others?: number; ruleLength?: number; mostPerRule?: number },
  ) {}

  input(queries: WantedQueries): PackInput {
    const { cap, others = 0, ruleLength = RULE_LENGTH, mostPerRule = Infinity } = this.limits;
    return {
      wanted: queries,
      refused: this.refused,
      own: this.held,
      foreign: this.foreign,
      cap,
      others: others + this.foreign.length,
      ruleLength,
      mostPerRule,
    };
  }

  plan(values: Iterable<string>): PackPlan {
    return planWireRules(this.input(wanted(values)));
  }

  /** Plans, looks at the plan, and does it. */
  go(values: Iterable<string>): PackPlan {
    const input = this.input(wanted(values));
    const plan = planWireRules(input);
    checkPlan(input, plan);
    this.do(plan);
    return plan;
  }

  do({ added, removed }: PackPlan): void {
    this.held = this.held.filter(({ id }) => !removed.has(id));
    for (const { value } of added) this.held.push({ id: String(this.#nextId++), value });
  }
}

/** How much a plan changes at X. */
export function changesOf({ added, removed }: PackPlan): { added: number; removed: number } {
  return { added: added.length, removed: removed.size };
}

/** Everything that holds for every plan. */
export function checkPlan(input: PackInput, plan: PackPlan): void {
  const { own, foreign, refused, ruleLength, mostPerRule } = input;
  const standing = [...plan.kept.values()];
  const all = [...standing, ...plan.added];
  const ownIds = new Set(own.map(({ id }) => id));
  const foreignIds = new Set(foreign.map(({ id }) => id));

  for (const id of plan.kept.keys()) assert(ownIds.has(id) || foreignIds.has(id), `${id} is at X`);
  for (const id of plan.removed.keys()) {
    assert(ownIds.has(id), `${id} is ours to remove`);
    assert(!plan.kept.has(id), `${id} is kept and removed`);
  }
  assertEquals([...plan.kept.keys()].filter((id) => ownIds.has(id)).length + plan.removed.size, own.length);

  for (const rule of plan.added) {
    if (rule.queries.length === 1) continue;
    assert(rule.value.length <= ruleLength, `${rule.value.length} characters: ${rule.value}`);
    assert(rule.queries.length <= mostPerRule, `${rule.queries.length} queries share ${rule.value}`);
    assert(rule.queries.every(({ isExact }) => isExact), `X alone can decide something of ${rule.value}`);
    assert(rule.queries.length > 0, "an empty rule");
  }
  for (const rule of all) assertEquals(alternativesOf(rule), new Set(rule.queries.flatMap(alternatives)));

  const active = input.wanted.all.filter(({ value }) => !refused.has(value));
  const served = new Set([...plan.kept].filter(([id]) => foreignIds.has(id)).flatMap(([, { queries }]) => queries));
  const times = new Map(active.map((query) => [query.value, 0]));
  const ours = [...[...plan.kept].filter(([id]) => ownIds.has(id)).map(([, rule]) => rule), ...plan.added];
  for (const { value } of [...ours.flatMap(({ queries }) => queries), ...plan.unplaced]) {
    times.set(value, (times.get(value) ?? 0) + 1);
  }
  // What somebody else holds for us may share a rule of ours as well: taking it out would be a change for nothing.
  const isRight = (query: WantedQuery) =>
    times.get(query.value) === 1 || (served.has(query) && !times.get(query.value));
  const wrong = active.filter((query) => !isRight(query)).map(({ value }) => [value, times.get(value)]);
  assertEquals(wrong, [], "queries that are not covered once");
  assertEquals(times.size, active.length, "nothing else is covered");

  const total = all.length - [...plan.kept.keys()].filter((id) => foreignIds.has(id)).length + input.others;
  const most = input.cap < 100 ? input.cap : Math.floor(input.cap * 0.99);
  assert(total <= Math.max(most, own.length + input.others), `${total} rules of ${input.cap}`);
  checkUnplaced(input, plan, total, most);
}

/** What has no place has none: X is full, nothing takes it in, and no two rules would make one. */
function checkUnplaced(input: PackInput, { kept, added, unplaced }: PackPlan, total: number, most: number): void {
  if (unplaced.length === 0) return;
  assert(total >= most, `${unplaced.length} without a place, though X holds ${total} of ${most}`);
  const foreignIds = new Set(input.foreign.map(({ id }) => id));
  const shareable = [...[...kept].filter(([id]) => !foreignIds.has(id)).map(([, rule]) => rule), ...added]
    .filter(({ queries }) => queries.every(({ isExact }) => isExact) && queries.length < input.mostPerRule)
    .map(({ queries }) => queries.map(({ value }) => value).join(" OR ").length)
    .sort((one, other) => one - other);
  const shortest = Math.min(...unplaced.filter(({ isExact }) => isExact).map(({ value }) => value.length));
  const [first = Infinity, second = Infinity] = shareable;
  assert(first + 4 + shortest > input.ruleLength, "a rule had room");
  if (input.mostPerRule === Infinity) assert(first + 4 + second > input.ruleLength, "two rules could be one");
}

function alternatives({ value }: { value: string }): readonly string[] {
  return alternativesIn(value);
}

function alternativesOf({ value }: WireRule): ReadonlySet<string> {
  return new Set(alternativesIn(value));
}
