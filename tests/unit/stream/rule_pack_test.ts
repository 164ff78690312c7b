import { assert, assertEquals } from "@std/assert";
import { alternativesIn } from "../../../src/stream/wire_content.ts";
import { planWireRules } from "../../../src/stream/rule_pack.ts";
import { account, accounts, changesOf, checkPlan, PackedX, wanted } from "./pack_bench.ts";

const words = (count: number, first = 0) => Array.from({ length: count }, (_, at) => `word${first + at}`);
const links = (count: number, first = 0) => words(count, first).map((word) => `url:${word}`);
const valuesOf = (x: PackedX) => x.held.map(({ value }) => value).sort();

Deno.test("up to nine tenths of the cap each query has a rule of its own; beyond, queries share", () => {
  const x = new PackedX({ cap: 1_000 });
  x.go(words(900));
  assertEquals(valuesOf(x), words(900).sort());
  const plan = x.go(words(901));
  assertEquals(changesOf(plan), { added: 1, removed: 1 });
  assertEquals(x.held.length, 900);
  assertEquals(x.held.filter(({ value }) => value.includes(" OR ")).length, 1);
});

Deno.test("ten thousand accounts, whatever their ids, fit into 1,000 rules of 1,024 characters", () => {
  assertEquals(account(9_999).length, 85);
  const x = new PackedX({ cap: 1_000 });
  const plan = x.go(accounts(10_000));
  assertEquals(plan.unplaced, []);
  assert(x.held.length <= 990, `${x.held.length} rules`);
  assertEquals(changesOf(x.go(accounts(10_000))), { added: 0, removed: 0 });
});

Deno.test("a hundredth of the cap stays free, also when somebody else takes more of it", () => {
  const x = new PackedX({ cap: 1_000 });
  x.go(accounts(10_000));
  for (const others of [0, 50, 85]) {
    x.limits.others = others;
    const { unplaced } = x.go(accounts(9_500));
    assertEquals(unplaced.length, 0);
    assert(x.held.length + others <= 990, `${x.held.length} rules of ours, ${others} of others`);
    assertEquals(changesOf(x.go(accounts(9_500))), { added: 0, removed: 0 });
  }
});

Deno.test("only queries that our matcher decides exactly share a rule; the others keep one each", () => {
  const x = new PackedX({ cap: 100 });
  const inexact = [...links(40), '"a-b c"', "cat point_radius:[1 2 3mi]"];
  x.go([...inexact, ...words(300)]);
  assertEquals(valuesOf(x).filter((value) => !value.startsWith("word")), inexact.toSorted());
  assert(x.held.length <= 99);
});

Deno.test("queries that cannot share a rule find room that others make by sharing", () => {
  const x = new PackedX({ cap: 100 });
  x.go([...words(90)]);
  const plan = x.go([...words(90), ...links(60)]);
  assertEquals(plan.unplaced, []);
  assertEquals(x.held.length, 99);
  assertEquals(changesOf(x.go([...words(90), ...links(60)])), { added: 0, removed: 0 });
});

Deno.test("where even sharing does not make enough room, those that can share are placed, and the rest is named", () => {
  const x = new PackedX({ cap: 100 });
  const { unplaced } = x.go([...links(120), ...words(80)]);
  assertEquals(unplaced.length, 120 - 98);
  assert(unplaced.every(({ isExact }) => !isExact));
  assertEquals(x.held.filter(({ value }) => value.startsWith("word")).length, 1);
});

/** Words of 5,000 that came to share rules with each other. */
const sharers = (count: number) => words(5_000).filter((_word, at) => at % 900 < 140).slice(0, count);

Deno.test("when few queries are left, each has a rule of its own again", () => {
  const x = new PackedX({ cap: 1_000 });
  x.go(words(5_000));
  x.go(sharers(801));
  assert(x.held.length < 250, "they still share");
  x.go(sharers(800));
  assertEquals(valuesOf(x), sharers(800).sort());
});

Deno.test("between the two bounds what X holds decides, so that nothing goes to and fro", () => {
  const [alone, shared] = [new PackedX({ cap: 1_000 }), new PackedX({ cap: 1_000 })];
  shared.go(words(5_000));
  for (const x of [alone, shared]) {
    x.go(sharers(830));
    const before = valuesOf(x);
    assertEquals(changesOf(x.go(sharers(830))), { added: 0, removed: 0 });
    assertEquals(valuesOf(x), before);
  }
  assert(shared.held.length < 250);
  assertEquals(alone.held.length, 830);
});

Deno.test("the order in which X lists its rules changes nothing", () => {
  const x = new PackedX({ cap: 200 });
  x.go(accounts(1_500));
  const queries = wanted([...accounts(1_200, 100), ...links(20)]);
  const plan = planWireRules(x.input(queries));
  const turned = planWireRules({ ...x.input(queries), own: x.held.toReversed() });
  assertEquals(turned.added, plan.added);
  assertEquals([...turned.removed.keys()], [...plan.removed.keys()]);
});

Deno.test("a refused query is not asked for, and what it shared a rule with stays together without it", () => {
  const x = new PackedX({ cap: 100 });
  x.go(words(300));
  const refused = x.held.find(({ value }) => value.includes(" OR "))!;
  const [first, ...others] = alternativesIn(refused.value);
  x.refused = new Set([first!]);
  const plan = x.go(words(300));
  assertEquals([...plan.removed.keys()], [refused.id]);
  assertEquals(plan.added.map(({ value }) => value), [others.join(" OR ")]);
  assertEquals(changesOf(x.go(words(300))), { added: 0, removed: 0 });
});

Deno.test("somebody else's rule that is one of our queries serves as it is; no other rule of theirs does", () => {
  const x = new PackedX({ cap: 1_000 });
  x.foreign = [{ id: "f1", value: "word0" }, { id: "f2", value: "word1 OR word2" }];
  const plan = x.go(words(3));
  assertEquals([...plan.kept].map(([id, { value }]) => [id, value]), [["f1", "word0"]]);
  assertEquals(valuesOf(x), ["word1", "word2"]);
  x.foreign = [...x.foreign, { id: "f3", value: "word1" }];
  const after = x.go(words(3));
  assertEquals(
    [...after.removed.values()].map(({ value }) => value),
    ["word1"],
    "two rules for one query are one too many",
  );
  assertEquals([...after.kept.keys()], ["f1", "f3", "2"]);
});

Deno.test("caps as small as five and one are used whole", () => {
  for (const cap of [1, 5]) {
    const x = new PackedX({ cap });
    assertEquals(x.go(links(cap)).unplaced, []);
    assertEquals(x.go(words(cap * 80)).unplaced, []);
    assertEquals(changesOf(x.go(words(cap * 80))), { added: 0, removed: 0 });
    assert(x.held.length <= cap);
  }
  assertEquals(new PackedX({ cap: 0 }).go(words(3)).unplaced.length, 3);
});

Deno.test("a query longer than X takes stands alone, for X to refuse it; one as long as X takes fills a rule", () => {
  const x = new PackedX({ cap: 100 });
  const longest = "b".repeat(1_024);
  const tooLong = "c".repeat(5_000);
  const nearly = "d".repeat(1_019);
  x.go([longest, tooLong, nearly, "e", ...words(400)]);
  assert([longest, tooLong].every((value) => valuesOf(x).includes(value)));
  assert(x.held.every(({ value }) => value.length <= 1_024 || value === tooLong));
});

Deno.test("long and short queries without a place: the short ones still find one", () => {
  const x = new PackedX({ cap: 5, ruleLength: 50 });
  const long = Array.from({ length: 9 }, (_, at) => `${"x".repeat(44)}${at}`);
  const { unplaced } = x.go([...long, "tiny"]);
  assertEquals(unplaced.length, 5);
  x.limits.ruleLength = 60;
  assertEquals(x.go([...long, "tiny"]).unplaced.map(({ value }) => value.length), [45, 45, 45, 45]);
});

Deno.test("X takes no rule of more than so many queries: no new one has more, what X holds stays", () => {
  const x = new PackedX({ cap: 100 });
  x.go(words(300));
  const before = valuesOf(x);
  x.limits.mostPerRule = 2;
  assertEquals(changesOf(x.go(words(300))), { added: 0, removed: 0 });
  assertEquals(valuesOf(x), before);
  const fresh = new PackedX({ cap: 100, mostPerRule: 2 });
  assertEquals(fresh.go(words(300)).unplaced.length, 300 - 198);
});

Deno.test("what is left of an interrupted change is cleared away", () => {
  const x = new PackedX({ cap: 10 });
  x.go(words(20));
  const plan = x.plan(words(21));
  x.held.push(...plan.added.map(({ value }, at) => ({ id: `late${at}`, value }))); // added, and then cut off
  const rest = x.plan(words(21));
  assertEquals(rest.added, []);
  assertEquals([...rest.removed.keys()], [...plan.removed.keys()]);
});

Deno.test("queries that have alternatives in common share rules, each is covered, and it comes to rest", () => {
  const x = new PackedX({ cap: 10 });
  const queries = wanted(["a", "b", "a OR b", "(c OR a)", "b OR c OR d", ...words(40)]);
  // What is covered beside another's alternatives is seen once X holds it.
  const plans = [1, 2, 3].map(() => {
    const plan = planWireRules(x.input(queries));
    x.do(plan);
    assertEquals(plan.unplaced, []);
    const held = new Set(x.held.flatMap(({ value }) => alternativesIn(value)));
    for (const { value } of queries.all) assert(alternativesIn(value).every((part) => held.has(part)), value);
    assert(x.held.every(({ value }) => value.length <= 1_024));
    return plan;
  });
  assertEquals(changesOf(plans.at(-1)!), { added: 0, removed: 0 });
});

Deno.test("of nothing wanted, nothing stays", () => {
  const x = new PackedX({ cap: 100 });
  x.go(accounts(300));
  const input = x.input(wanted([]));
  const plan = planWireRules(input);
  checkPlan(input, plan);
  assertEquals(plan.removed.size, x.held.length);
  assertEquals(plan.added, []);
});
