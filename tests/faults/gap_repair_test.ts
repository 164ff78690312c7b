/**
 * Gaps are searched for, with a real journal and X's real search as the simulator has it, in time that the test moves on:
 * what was found is compared with what the simulator's stream would have sent and what its search holds.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Gap } from "../../src/journal/gaps.ts";
import { searchesFor } from "../../src/journal/gap_repairs.ts";
import { DOLLAR } from "../../src/model/prices.ts";
import { isExactQuery } from "../../src/model/exact_query.ts";
import { RepairBench } from "../support/repair_bench.ts";
import { withChance } from "../support/seeded.ts";

/** Queries that our matcher decides, and one that it does not. */
const RULES = ["deno", "coffee -tea", "#rustlang", "lang:ja (地震 OR 天気)"];

/**
 * Compares what was taken in with what search holds of what the stream would have sent. What was taken in before an
 * interruption does not name what was only searched for after it.
 */
async function assertWhole(bench: RepairBench, gap: Gap, { isInterrupted = false } = {}): Promise<void> {
  const [began, ended] = [gap.beganAt + bench.aheadMs, gap.endedAt! + bench.aheadMs];
  const values = bench.rules.map(({ value }) => value);
  // Tweets of the five seconds before it were on their way; X's clock is known to the second.
  const least = await bench.past.held({ from: began - 5_000, to: ended }, values);
  const most = await bench.past.held({ from: began - 7_000, to: ended + 3_000 }, values);
  const { records } = bench;
  const ids = records.map(({ data }) => data.id);
  assertEquals([...least.keys()].filter((id) => !ids.includes(id)), [], `missing:\n${bench.words}`);
  assertEquals(ids.filter((id) => !most.has(id)), [], `too many:\n${bench.words}`);
  assertEquals(new Set(ids).size, ids.length, "none twice");
  for (const record of records) {
    assertEquals([record.traptor.provenance, "matching_rules" in record], ["search", false]);
    const named = record.traptor.collection_rules.map(({ value }: { value: string }) => value);
    const { ofStream, ofSearch } = most.get(record.data.id)!;
    // What our matcher decides it names as X's stream does; of another query what its search has found.
    for (const value of values) {
      const isMatched = isExactQuery(value) ? ofStream.includes(value) : ofSearch.includes(value);
      if (isInterrupted && !isExactQuery(value) && isMatched) continue;
      assertEquals(named.includes(value), isMatched, `${value}: ${JSON.stringify(record)}`);
    }
  }
  assertEquals(gap.found, ids.length);
}

Deno.test("a gap is searched for whole, once, and what search cannot find is said", async () => {
  await using bench = await RepairBench.start({ rules: RULES, simulator: { rate: 2 } });
  const number = await bench.gap({ lastsMs: 120_000 });
  bench.run();
  await bench.file.clock.advance(49_000);
  assertEquals([bench.register.gap(number).state, bench.asked.length], ["open", 0], "the index lags behind");
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.outcome, gap.repair], ["closed", "search: no retweets", "search"]);
  assert(gap.found > 80, String(gap.found));
  await assertWhole(bench, gap);
  const sent = await bench.past.ofStream({ from: gap.beganAt, to: gap.endedAt! });
  const there = new Set(bench.records.map(({ data }) => data.id));
  assert(sent.some(({ id }) => !there.has(id)), "there are retweets that search does not find");
  assert(gap.reads >= gap.found);
  assert(bench.asked.length > 3 && bench.asked.every(({ status }) => status === 200), bench.words);
  assertEquals(bench.told.map(([name]) => name), ["gap_repairing", "gap_repaired"]);
});

Deno.test("what is in the backlog already is not taken in again", async () => {
  await using bench = await RepairBench.start({ rules: ["deno"] });
  const number = await bench.gap({ lastsMs: 30_000 });
  bench.run();
  const first = await bench.repaired(number);
  const before = bench.records.length;
  await bench.stop();
  // The same interval once more, as a second gap of the register.
  bench.file.tamper(`UPDATE gaps SET state = 'open', outcome = '', found = 0, reads = 0 WHERE number = ${number}`);
  bench.run();
  const again = await bench.repaired(number);
  assertEquals([again.found, again.reads, bench.records.length], [0, first.reads, before]);
});

Deno.test("queries without keywords are found with their retweets, and the record says nothing of them", async () => {
  await using bench = await RepairBench.start({ rules: ["#rustlang", "lang:de from:nasa"] });
  const gap = await bench.gap({ lastsMs: 60_000 }).then((number) => {
    bench.run();
    return bench.repaired(number);
  });
  assertEquals([gap.state, gap.outcome], ["closed", "search"]);
  await assertWhole(bench, gap);
});

Deno.test("interrupted between any two pages, a repair goes on, and reads at most a page again", () =>
  withChance(async (chance) => {
    await using bench = await RepairBench.start({ rules: ["deno", "url:com", "#rustlang"], simulator: { rate: 4 } });
    const number = await bench.gap({ lastsMs: 120_000 });
    let interruptions = 0;
    while (bench.register.gap(number).state !== "closed") {
      assert(interruptions < 50, bench.words);
      bench.run();
      const pages = bench.asked.length + 1 + Math.floor(chance() * 3);
      await bench.until(
        () => bench.asked.length >= pages || bench.register.gap(number).state === "closed",
        "the next page",
      );
      await bench.stop();
      bench.file.open(["file"]);
      interruptions += 1;
    }
    assert(interruptions > 1, "it was interrupted");
    const gap = bench.register.gap(number);
    assertEquals(gap.outcome, "search: no retweets", bench.words);
    assert(bench.asked.every(({ status }) => status === 200), bench.asked.map(({ path }) => path).join("\n"));
    await assertWhole(bench, gap, { isInterrupted: true });
  }));

Deno.test("rules that search does not have are named, and where there are no others nothing can be done", async () => {
  await using bench = await RepairBench.start({ rules: ["bio:writer", "coffee sample:10"] });
  const number = await bench.gap({ lastsMs: 10_000 });
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.outcome], ["unrecoverable", "search: none of its queries can be searched"]);
  assertEquals(bench.asked, []);
  const searches = bench.file.journal.use((database) => searchesFor(database, number));
  assertEquals(searches.map(({ query, reason }) => [query, reason]), [
    ["bio:writer", "search has no bio:"],
    ["coffee sample:10", "search has no sample:"],
  ]);
});

Deno.test("of rules of both kinds those are searched for that can be, and the others are counted", async () => {
  await using bench = await RepairBench.start({ rules: ["deno", "bio:writer OR #rustlang", "bio_name:anna"] });
  const gap = await bench.gap({ lastsMs: 60_000 }).then((number) => {
    bench.run();
    return bench.repaired(number);
  });
  assertEquals([gap.state, gap.outcome], [
    "closed",
    "search: no retweets, without 2 queries of 3 that cannot be searched",
  ]);
  assert(gap.found > 0);
  assertEquals(bench.told.filter(([name]) => name === "gap_unsearchable").map(([, fields]) => fields), [
    { gap: gap.number, queries: 2, first: "bio:writer", reason: "search has no bio:" },
  ]);
});

Deno.test("beyond the price it stays open with what was found, and a person's word goes on with it", async () => {
  await using bench = await RepairBench.start({ rules: ["deno"], repair: { mostPerGap: DOLLAR } });
  const number = await bench.gap({ lastsMs: 120_000 });
  bench.run();
  const waiting = await bench.repaired(number);
  assertEquals(waiting.state, "open");
  assertMatch(
    waiting.outcome,
    /^\$0\.\d\d is spent on it, and a page of 10 tweets may cost \$0\.\d\d: GAP_REPAIR_MAX_USD allows \$1\.00$/,
  );
  assert(waiting.found > 0 && waiting.cost <= DOLLAR, JSON.stringify(waiting));
  assertEquals(waiting.found, bench.records.length);
  const asked = bench.asked.length;
  await bench.file.clock.advance(120_000);
  assertEquals(bench.asked.length, asked, "nothing more is asked for");
  bench.file.tamper(
    `UPDATE gaps SET allowed = cost + 20000000, waits_until = 0, outcome = '' WHERE number = ${number}`,
  );
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.outcome], ["closed", "search: no retweets"]);
  await assertWhole(bench, gap);
  assert(gap.reads - gap.found < 10, `it goes on where it ended, and buys nothing twice: ${JSON.stringify(gap)}`);
});

Deno.test("what was found and finds no room at a stop is not called found, and is fetched again", async () => {
  await using bench = await RepairBench.start({ rules: ["deno", "#rustlang"] });
  const number = await bench.gap({ lastsMs: 120_000 });
  bench.run();
  await bench.until(() => bench.asked.length === 1, "the first page");
  // As at a stop: nothing is taken any more.
  bench.file.journal.close();
  await bench.until(() => bench.register.gap(number).outcome !== "", "it is put off");
  const put = bench.register.gap(number);
  assertEquals(put.state, "open", bench.words);
  assertMatch(put.outcome, /^there was no room for \d+ of the tweets that were found$/);
  const begun = bench.file.journal.use((database) => searchesFor(database, number)).map(({ query }) => query);
  assertEquals([put.found, begun.includes("#rustlang")], [bench.records.length, false]);
  await bench.stop();
  bench.file.open(["file"]);
  bench.run();
  await assertWhole(bench, await bench.closed(number));
});

Deno.test("what the simulator counts it is charged is what the register says", async () => {
  await using bench = await RepairBench.start({ rules: ["deno"], simulator: { rate: 2 } });
  const number = await bench.gap({ lastsMs: 60_000 });
  bench.run();
  const { cost, reads } = await bench.repaired(number);
  let [posts, users] = [0, 0];
  for (const { path } of bench.asked) {
    const { data = [], includes = {} } = await (await bench.past.ask(path)).json();
    posts += data.length + (includes.tweets ?? []).length + (includes.media ?? []).length;
    users += (includes.users ?? []).length;
  }
  assertEquals(cost, posts * 5_000 + users * 10_000);
  assertEquals(bench.asked.length > 1 && reads > 0, true);
});

Deno.test("a limit of X's that is used up is waited for, and nothing is refused", async () => {
  await using bench = await RepairBench.start({
    rules: ["deno", "url:com"],
    simulator: { rate: 2, caps: { searches: 2, windowMs: 60_000 } },
  });
  const number = await bench.gap({ lastsMs: 120_000 });
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals(gap.state, "closed");
  assert(bench.asked.length > 3 && bench.asked.every(({ status }) => status === 200), bench.words);
});

Deno.test("503, 429 and a cut in the middle are tried again", async () => {
  await using bench = await RepairBench.start({ rules: ["deno"], simulator: { rate: 4 } });
  const number = await bench.gap({ lastsMs: 120_000 });
  bench.answers = [503, 200, 429, 503, 0, 500, 200, 503];
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals([gap.state, bench.answers], ["closed", []], bench.words);
  assertEquals(bench.told.filter(([name]) => name === "gap_search_failed").length, 6);
  await assertWhole(bench, gap);
});

Deno.test("what does not pass soon is left for a quarter of an hour, and then goes on", async () => {
  await using bench = await RepairBench.start({ rules: ["deno"] });
  const number = await bench.gap({ lastsMs: 120_000 });
  bench.answers = [200, ...Array(6).fill(503)];
  bench.run();
  const left = await bench.repaired(number);
  assertEquals([left.state, left.outcome], ["open", "X answered 503 without saying why"]);
  assertEquals([left.found, bench.answers], [bench.records.length, []]);
  assert(left.found > 0);
  const since = bench.file.clock.now();
  const gap = await bench.closed(number);
  assert(bench.file.clock.now() - since >= 14 * 60_000);
  await assertWhole(bench, gap);
});

Deno.test("where the tier has no search a person is told, and nothing is asked again before they say so", async () => {
  await using bench = await RepairBench.start({ rules: ["deno"] });
  const number = await bench.gap({ lastsMs: 60_000 });
  bench.answers = [403];
  bench.run();
  const refused = await bench.repaired(number);
  assertEquals([refused.state, refused.outcome], [
    "open",
    "X answered 403 Client Forbidden: Your tier has no search",
  ]);
  await bench.file.clock.advance(120_000);
  assertEquals(bench.asked, []);
  assertEquals(bench.told, [
    ["gap_repairing", { gap: number, by: "search (1)" }],
    ["gap_repairs_wait", { reason: refused.outcome, waitMs: 15 * 60_000 }],
  ]);
});

Deno.test("of searches that X refuses as a whole each query is searched by itself, and the refused one is named", async () => {
  await using bench = await RepairBench.start({ rules: ["deno", "coffee", "#rustlang"] });
  const number = await bench.gap({ lastsMs: 60_000 });
  bench.answers = [400, 200, 400];
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.outcome], [
    "closed",
    "search: no retweets, without 1 query of 3 that cannot be searched",
  ]);
  const searches = bench.file.journal.use((database) => searchesFor(database, number));
  assertEquals(searches.map(({ query, reason }) => [query, reason]), [[
    "coffee",
    "X answered 400 Invalid Request: One or more parameters to your request was invalid. There were errors processing your request: no",
  ]]);
});

Deno.test("times are told by X's clock, however wrong ours is", async () => {
  for (const clockSkewMs of [-200_000, 200_000]) {
    await using bench = await RepairBench.start({ rules: ["deno"], simulator: { clockSkewMs } });
    const number = await bench.gap({ lastsMs: 60_000 });
    bench.run();
    const gap = await bench.repaired(number);
    assertEquals(gap.state, "closed");
    await assertWhole(bench, gap);
  }
});

Deno.test("a gap that began before what search reaches is searched as far as that, and says so; an older one is lost", async () => {
  await using bench = await RepairBench.start({
    rules: ["deno"],
    simulator: { rate: 2, caps: { searches: 1, windowMs: 60_000 } },
  });
  const number = await bench.gap({ lastsMs: 60_000 });
  const daysAgo = (days: number) => bench.file.clock.now() - days * 24 * 3_600_000;
  bench.file.tamper(`UPDATE gaps SET began_at = ${daysAgo(9)} WHERE number = ${number}`);
  bench.run();
  const gap = await bench.repaired(number);
  assertEquals([gap.state, gap.outcome], ["closed", "search: nothing that is older than seven days, no retweets"]);
  // X's limit makes it last: the interval is still one that X takes when the last one is made.
  assert(bench.asked.length > 1 && bench.asked.every(({ status }) => status === 200), bench.words);
  bench.file.tamper(
    `UPDATE gaps SET state = 'open', outcome = '', began_at = ${daysAgo(9)}, ended_at = ${
      daysAgo(8)
    } WHERE number = ${number}`,
  );
  const old = await bench.repaired(number);
  assertEquals([old.state, old.outcome], [
    "unrecoverable",
    "it is seven days ago, and X's search goes back no farther",
  ]);
});

Deno.test("nothing is searched for before X has told the time", async () => {
  await using bench = await RepairBench.start({
    rules: ["deno"],
    simulator: { clockSkewMs: 200_000 },
    hasHeardOfX: false,
  });
  const number = await bench.gap({ lastsMs: 60_000 });
  bench.run();
  await bench.file.clock.advance(120_000);
  assertEquals([bench.register.gap(number).state, bench.asked], ["open", []]);
  await bench.hearOfX();
  const gap = await bench.repaired(number);
  assertEquals(gap.state, "closed");
  await assertWhole(bench, gap);
});
