/** What was missed in a gap is fetched, by the program as a process: within a price, or when a person asks for it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Repairing } from "../support/repairing.ts";
import { waitUntil } from "../support/wait_until.ts";

const RULES = ["deno", "coffee -tea", "#rustlang"];

// deno-lint-ignore no-explicit-any
type Json = any;

/**
 * What search holds of the gaps is in the sink, and what was found there is what search holds; nothing is there twice,
 * the books balance, and the collector ends in order.
 */
async function assertWhole(run: Repairing, gaps: readonly Json[], rules = RULES): Promise<void> {
  const { code, stderr } = await run.collector.end();
  assertEquals(code, 0, stderr);
  const records = await run.records();
  const ids = new Set(records.map(({ data }) => data.id));
  const found = records.filter(({ traptor }) => traptor.provenance === "search");
  const most = new Map<string, readonly string[]>();
  for (const gap of gaps) {
    const [from, to] = [Date.parse(gap.began_at), Date.parse(gap.ended_at)];
    const least = await run.past.held({ from, to }, rules);
    assert(least.size > 0, "something was missed");
    assertEquals([...least.keys()].filter((id) => !ids.has(id)), [], `missing:\n${stderr}`);
    // Tweets of some seconds before were on their way; who was behind, longer.
    const wide = await run.past.held({ from: from - 330_000, to: to + 5_000 }, rules);
    for (const [id, { ofStream }] of wide) most.set(id, ofStream);
  }
  for (const record of found) {
    assertEquals("matching_rules" in record, false);
    const named = record.traptor.collection_rules.map(({ value }: { value: string }) => value);
    assertEquals(named.toSorted(), most.get(record.data.id)?.toSorted(), JSON.stringify(record));
  }
  assertEquals(found.length, gaps.reduce((sum, gap) => sum + gap.found, 0));
  const verified = await run.run("verify", "--sink", "file:tweets");
  assertEquals(verified.code, 0, verified.stdout + verified.stderr);
}

const isSettled = ({ outcome }: Json) => outcome !== null;

Deno.test("after an outage what search holds is in the sink once, and that retweets are missing is said; a stop waits", async () => {
  await using run = await Repairing.start({
    rules: RULES,
    args: ["--gap-repair-max-usd", "200", "--gap-repair-max-usd-a-day", "900"],
  });
  await run.collector.says(/Connected to X/);
  await run.moreSent(20);
  await run.outage();
  const gap = await run.gap(1, isSettled, "is repaired");
  assertEquals([gap.state, gap.outcome, gap.repair], ["closed", "search: no retweets", "search"]);
  assertMatch(run.collector.stderr, /What was missed in gap 1 is fetched by search \(2\)\n/);
  const line = `Gap 1 is closed (search: no retweets): ${gap.found} missed tweets found, ${gap.read} read for $${
    gap.cost_usd.toFixed(2)
  }\n`;
  assert(run.collector.stderr.includes(line), run.collector.stderr);
  assert(gap.read > gap.found, "what had come live before is read again, and not delivered again");
  const there = new Set((await run.records()).map(({ data }) => data.id));
  const sent = await run.past.ofStream({ from: Date.parse(gap.began_at) + 1_000, to: Date.parse(gap.ended_at) });
  const missing = sent.filter(({ id }) => !there.has(id));
  assert(missing.some(({ isRetweet, values }) => isRetweet && values.includes("deno")), "retweets are missing");

  // A stop is a person's doing: it waits for a person.
  const { code, stderr } = await run.collector.end();
  assertEquals(code, 0, stderr);
  await run.time.pause(20_000);
  run.start();
  await run.collector.says(/Connected to X/);
  await run.moreSent(20);
  const searches = run.searches;
  await run.time.pause(90_000);
  const stop = (await run.gaps())[1];
  assertEquals([stop.cause, stop.state, stop.repair, run.searches], ["stopped", "open", null, searches]);
  const asked = await run.run("gaps", "repair", "2");
  assertEquals(asked.code, 0, asked.stderr);
  assertMatch(
    asked.stdout,
    /^Gap 2: closed \(search: no retweets\); \d+ missed tweets? found, \d+ read for \$\d+\.\d\d\n$/,
  );
  await assertWhole(run, [gap, await run.gap(2, isSettled, "is repaired")]);
});

Deno.test("what would cost more than is allowed stays open and says so, until a person allows more", async () => {
  await using run = await Repairing.start({ rules: RULES, args: ["--gap-repair-max-usd", "0.2"] });
  await run.collector.says(/Connected to X/);
  await run.moreSent(40);
  await run.outage();
  const waiting = await run.gap(1, isSettled, "waits");
  assertEquals([waiting.state, waiting.found], ["open", 0]);
  assertMatch(waiting.outcome, /^it would cost about \$\d+\.\d\d: GAP_REPAIR_MAX_USD allows \$0\.20$/);
  const told = run.collector.stderr.split("\n").filter((line) => line.includes("Gap 1"));
  assertEquals(told.length, 1, run.collector.stderr);
  assertMatch(
    told[0]!,
    /Gap 1 is not repaired yet: it would cost about \$[\d.]+: GAP_REPAIR_MAX_USD allows \$0\.20\. `traptor gaps repair 1 --max-usd \d+` goes on with it$/,
  );
  assertEquals(run.searches, 0);

  // What cannot be asked for is told in two lines: what, and what to try.
  const refusals: readonly (readonly [code: number, ...args: string[]])[] = [
    [69, "99"],
    [64, "x"],
    [64, "0"],
    [64, "1", "2"],
    [64, "1", "--max-usd", "-3"],
    [64, "1", "--max-usd", "much"],
    [64, "1", "--max-euro", "3"],
  ];
  const answers = await Promise.all(refusals.map(([, ...args]) => run.run("gaps", "repair", ...args)));
  for (const [index, refused] of answers.entries()) {
    const [code] = refusals[index]!;
    assertEquals([refused.code, refused.stderr.split("\n").length, refused.stdout], [code, 3, ""], refused.stderr);
  }
  const tooLittle = await run.run("gaps", "repair", "1", "--max-usd", "0.1");
  assertEquals([tooLittle.code, tooLittle.stdout], [1, ""]);
  assertMatch(
    tooLittle.stderr,
    /^Gap 1 is not repaired: it would cost about \$[\d.]+, and \$0\.10 is left: --max-usd allows more\n$/,
  );

  const asked = await run.run("gaps", "repair", "1", "--max-usd", "500", "--json");
  assertEquals(asked.code, 0, asked.stderr + run.collector.stderr);
  const gap = JSON.parse(asked.stdout);
  assertEquals([gap.number, gap.state, gap.outcome], [1, "closed", "search: no retweets"]);
  assert(gap.cost_usd > 0.2 && gap.cost_usd < 500);
  const again = await run.run("gaps", "repair", "1");
  assertEquals([again.code, again.stderr], [1, "Gap 1 is not repaired: it is closed (search: no retweets)\n"]);
  await assertWhole(run, [gap]);
  const alone = await run.run("gaps", "repair", "1");
  assertEquals([alone.code, alone.stderr.split("\n").length], [75, 3]);
  assertMatch(alone.stderr, /no collector runs/);
});

Deno.test("GAP_REPAIR=ask repairs when it is asked to, off does not even then", async () => {
  await using run = await Repairing.start({
    rules: RULES,
    env: { GAP_REPAIR: "ask", GAP_REPAIR_MAX_USD: "200", GAP_REPAIR_MAX_USD_A_DAY: "900" },
  });
  await run.collector.says(/Connected to X/);
  await run.moreSent(20);
  await run.outage();
  await run.time.pause(90_000);
  const [open] = await run.gaps();
  assertEquals([open.state, open.outcome, run.searches], ["open", null, 0]);
  await run.collector.end();
  run.start("--gap-repair", "off");
  await run.collector.says(/Connected to X/);
  const refused = await run.run("gaps", "repair", "1");
  assertEquals([refused.code, refused.stderr.split("\n").length], [69, 3]);
  assertMatch(refused.stderr, /GAP_REPAIR is off/);
  await run.collector.end();
  run.start();
  await run.collector.says(/Connected to X/);
  await run.moreSent(10);
  await run.time.pause(70_000);
  assertEquals(run.searches, 0);
  // Without a number all of them are meant.
  const asked = await run.run("gaps", "repair");
  assertEquals(asked.code, 0, asked.stderr + run.collector.stderr);
  assertMatch(asked.stderr, /^3 gaps to repair; /);
  const gaps = await run.gaps();
  assertEquals(gaps.map(({ cause, state }) => [cause, state]), [
    ["connection_lost", "closed"],
    ["stopped", "closed"],
    ["stopped", "closed"],
  ]);
  await assertWhole(run, gaps);
});

Deno.test("killed in the middle of a repair, the next start goes on with it, and nothing comes twice", async () => {
  await using run = await Repairing.start({
    rules: RULES,
    args: ["--gap-repair-max-usd", "200", "--gap-repair-max-usd-a-day", "900"],
    simulator: { rate: 3, caps: { searches: 1, windowMs: 30_000 } },
  });
  await run.collector.says(/Connected to X/);
  await run.moreSent(20);
  await run.outage();
  // X's limit makes it wait after each page: that is when it is killed, twice.
  for (const searches of [1, 3]) {
    const isSearching = { what: `${searches} searches:\n${run.collector.stderr}`, withinMs: 60_000 };
    await waitUntil(() => run.searches >= searches, isSearching);
    await run.kill();
    assertEquals((await run.gaps())[0].state, "repairing");
    run.start();
    await run.collector.says(/Connected to X/);
  }
  const gap = await run.gap(1, ({ state }) => state === "closed", "is closed");
  const crashes = [
    await run.gap(2, ({ state }) => state === "closed", "is closed"),
    await run.gap(3, ({ state }) => state === "closed", "is closed"),
  ];
  assertEquals(crashes.map(({ cause }) => cause), ["crashed", "crashed"]);
  // X's limit holds for the test as well.
  run.simulator.pause();
  const records = await run.records();
  const there = new Set(records.map(({ data }) => data.id));
  for (const { began_at, ended_at } of [gap, ...crashes]) {
    const sent = await run.past.ofStream({ from: Date.parse(began_at), to: Date.parse(ended_at) });
    const missing = sent.filter(({ id, isRetweet, values }) =>
      !there.has(id) && !(isRetweet && !values.includes("#rustlang"))
    );
    // Search does not see what a quote quotes: of the others none is missing.
    assertEquals(missing.filter(({ isQuote }) => !isQuote), [], run.collector.stderr);
  }
  const { code, stderr } = await run.collector.end();
  assertEquals(code, 0, stderr);
  const verified = await run.run("verify", "--sink", "file:tweets");
  assertEquals(verified.code, 0, verified.stdout + verified.stderr);
});

Deno.test("where none of the rules can be searched the gap says so, and names them", async () => {
  await using run = await Repairing.start({ rules: ["coffee sample:10", "bio:writer"] });
  await run.collector.says(/Connected to X/);
  run.simulator.fault("disconnect");
  await run.collector.says(/Connected to X[^]*Connected to X/);
  const gap = await run.gap(1, isSettled, "is given up");
  assertEquals([gap.state, gap.outcome], ["unrecoverable", "search: none of its queries can be searched"]);
  const explained = await run.run("gaps", "explain", "1");
  assertMatch(explained.stdout, /\nState: unrecoverable \(search: none of its queries can be searched\)\.\n/);
  assertMatch(explained.stdout, /\nNot searched: bio:writer \(search has no bio:\)\n/);
  assertMatch(explained.stdout, /\nNot searched: coffee sample:10 \(search has no sample:\)\n/);
  const json = JSON.parse((await run.run("gaps", "explain", "1", "--json")).stdout);
  assertEquals(json.not_searched, [
    { query: "bio:writer", reason: "search has no bio:" },
    { query: "coffee sample:10", reason: "search has no sample:" },
  ]);
  assertEquals(run.searches, 0);
  const { code, stderr } = await run.collector.end();
  assertEquals(code, 0, stderr);
});

Deno.test("an enterprise is sent again what it missed: of a short gap with the connect, of a long one by recovery", async () => {
  await using run = await Repairing.start({
    rules: RULES,
    simulator: { tier: "enterprise", rate: 1 },
    env: { X_TIER: "enterprise" },
  });
  await run.collector.says(/Connected to X/);
  await run.moreSent(20);
  await run.outage();
  const short = await run.gap(1, isSettled, "is closed");
  assertEquals([short.state, short.outcome, short.repair, short.cost_usd], ["closed", "backfill", "backfill", 0]);
  await run.kill();
  await run.time.pause(330_000);
  run.start();
  await run.collector.says(/Connected to X/);
  const long = await run.gap(2, isSettled, "is closed");
  assertEquals([long.cause, long.state, long.outcome, long.repair], ["crashed", "closed", "recovery", "recovery"]);
  assertEquals(run.searches, 0);
  const { code, stderr } = await run.collector.end();
  assertEquals(code, 0, stderr);
  const records = await run.records();
  const byId = new Map(records.map((record) => [record.data.id, record]));
  for (const { began_at, ended_at, found } of [short, long]) {
    const sent = await run.past.ofStream({ from: Date.parse(began_at), to: Date.parse(ended_at) });
    assert(sent.length > 20);
    assertEquals(sent.filter(({ id }) => !byId.has(id)), [], "all of it is there");
    // What came live shortly before or after is not counted as found.
    const fetched = sent.filter(({ id }) => byId.get(id).traptor.provenance === "backfill");
    assert(
      fetched.length >= sent.length * 0.9 && found >= fetched.length * 0.9,
      `${found} ${fetched.length} ${sent.length}`,
    );
  }
  const verified = await run.run("verify", "--sink", "file:tweets");
  assertEquals(verified.code, 0, verified.stdout + verified.stderr);
});
