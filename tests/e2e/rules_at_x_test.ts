/** What X is made to hold over a collector's life. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { startCollecting } from "../support/collecting.ts";
import { changeRules, heldRules } from "../support/held_rules.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test("when the last rule goes, X holds none and the stream is closed; a new one opens it again", async () => {
  await using run = await startCollecting(["--sink", "stdout"], { rules: "deno\n" });
  const { collector, folder, simulator } = run;
  await collector.says(/"rule_value":"deno"/);
  await Deno.writeTextFile(`${folder}/rules.txt`, "# nothing just now\n");
  await waitUntil(async () => (await heldRules(simulator)).length === 0, { what: "the rule is deleted at X" });
  await collector.says(/Waiting for rules/);
  await waitUntil(
    () => simulator.connections().every(({ closedAt }) => closedAt !== undefined),
    { what: "the stream is closed" },
  );
  await Deno.writeTextFile(`${folder}/rules.txt`, "zebra\n");
  await collector.says(/"rule_value":"zebra"/);
  assertEquals((await collector.end()).code, 0);
});

Deno.test("a restart knows its rules again: nothing is added, nothing deleted, the tag is the same", async () => {
  await using run = await startCollecting(["--sink", "stdout", "--state-dir", "state"], { rules: "deno\ncoffee\n" });
  const { collector, folder, simulator } = run;
  await collector.says(/Connected to X/);
  await collector.end();
  const before = await heldRules(simulator);
  assertEquals(before.length, 2);
  assertEquals(before.every(({ tag }) => /^traptor:[0-9a-f]{8}:[0-9a-f]{12}$/.test(tag)), true, JSON.stringify(before));

  const posts = () => simulator.requests().filter(({ method }) => method === "POST").length;
  const postsBefore = posts();
  await using again = startTraptor(
    [
      "--api-url",
      simulator.url,
      "--sink",
      "stdout",
      "--state-dir",
      "state",
      "--rules",
      "file:rules.txt",
      "--limit",
      "1",
    ],
    { cwd: folder, env: { BEARER_TOKEN: simulator.token } },
  );
  assertEquals((await again.ended).code, 0);
  assertEquals(await heldRules(simulator), before);
  assertEquals(posts(), postsBefore);
});

Deno.test("somebody else's rules stay, and their tweets are dropped with that reason", async () => {
  await using run = await startCollecting(["--sink", "stdout"], { rules: "deno\n" });
  const { collector, simulator } = run;
  await changeRules(simulator, { add: [{ value: "coffee", tag: "theirs" }] });
  await collector.says(/matched only rules at X that are not ours/);
  await collector.says(/"rule_value":"deno"/);
  await collector.end();
  for (const line of collector.stdout.trimEnd().split("\n")) {
    assertEquals(JSON.parse(line).traptor.collection_rules[0].value, "deno");
  }
  const held = await heldRules(simulator);
  assertEquals(held.some(({ value, tag }) => value === "coffee" && tag === "theirs"), true);
});

Deno.test("a rule that somebody deletes at X comes back at the next comparison", async () => {
  await using run = await startCollecting(["--sink", "stdout", "--time-scale", "300"], {
    rules: "deno\ncoffee\n",
    simulator: { rate: 1, timeScale: 300 },
  });
  const { collector, simulator } = run;
  await collector.says(/Connected to X/);
  const [first] = await heldRules(simulator);
  await changeRules(simulator, { delete: { ids: [first!.id] } });
  await waitUntil(async () => (await heldRules(simulator)).length === 2, { what: "the rule is back" });
  assertNotEquals((await heldRules(simulator)).map(({ id }) => id).includes(first!.id), true);
});

Deno.test("where a person applies the rules and all are deleted at X, that is a line and a gap until they are back", async () => {
  await using run = await startCollecting(["--sink", "stdout", "--state-dir", "state", "--time-scale", "60"], {
    rules: "deno\n",
    simulator: { rate: 1, timeScale: 60 },
    env: { RULES_APPLY: "manual" },
  });
  const { collector, folder, simulator } = run;
  await collector.says(/RULES_APPLY is manual/);
  await changeRules(simulator, { add: [{ value: "deno", tag: "" }] });
  await collector.says(/"rule_value":"deno"/);
  const [held] = await heldRules(simulator);
  await changeRules(simulator, { delete: { ids: [held!.id] } });
  await collector.says(/Connected to X[^]*X holds none of our rules: nothing is collected until it does/);
  const gaps = async () => {
    const { stdout } = await runTraptor(["gaps", "list", "--json", "--state-dir", "state"], { cwd: folder });
    return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  };
  assertEquals((await gaps()).map(({ cause, ended_at }) => [cause, ended_at === null]), [
    ["rules_uncovered", false],
    ["rules_missing", true],
  ]);
  await changeRules(simulator, { add: [{ value: "deno", tag: "" }] });
  await collector.says(/Connected to X[^]*Connected to X/);
  await waitUntil(async () => (await gaps())[1].ended_at !== null, { what: "the gap is over" });
  assertEquals((await collector.end()).code, 0);
});

Deno.test("a second signal ends at once, and says what that costs", async () => {
  await using run = await startCollecting(["--kafka-hosts", "127.0.0.1:1"], { rules: "deno\n" });
  const { collector } = run;
  await collector.says(/Cannot deliver to Kafka/);
  Deno.kill(collector.pid, "SIGINT");
  await collector.says(/Stopping: SIGINT received/);
  const { code, stderr } = await collector.end("SIGINT");
  assertEquals(code, 75, stderr);
});
