import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startCollecting } from "../support/collecting.ts";
import { runProgram } from "../support/programs.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

function redisCli(port: number, ...args: string[]): Promise<string> {
  return runProgram(["redis-cli", "-p", String(port), ...args]);
}

serviceTest({
  name: "a rule that is added in Redis brings tweets: with a notice at once, without one at the next check",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisCli(port, "flushall");
    await using run = await startCollecting(
      ["--sink", "stdout", "--redis-port", String(port), "--rule-check-interval", "2s"],
    );
    const { collector } = run;
    await collector.says(/Waiting for rules: there are none/);

    await redisCli(port, "sadd", "traptor-track:0", "deno");
    await redisCli(port, "publish", "traptor-notify", "track:0");
    await collector.says(/"rule_value":"deno"/);

    await redisCli(port, "sadd", "traptor-track:0", "zebra");
    await collector.says(/"rule_value":"zebra"/);
    assertEquals(collector.stderr.match(/Waiting for rules/g)?.length, 1);
    assertEquals(collector.stderr.match(/Connected to X/g)?.length, 1, "a change of rules needs no reconnect");
    assertEquals((await collector.end()).code, 0);
  },
});

serviceTest({
  name: "both layouts are collected together, and further fields travel with the match",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisCli(port, "flushall");
    await redisCli(
      port,
      "sadd",
      "traptor-track:3",
      '{"value":"coffee","tag":"drinks","project":"north","rule_id":"c1"}',
    );
    await redisCli(
      port,
      ...["hset", "traptor-follow:3:12345", "rule_id", "12345", "value", "17919972", "tag", "people"],
      ...["orig_type", "userid"],
    );
    await using run = await startCollecting(
      ["--sink", "stdout", "--redis-port", String(port), "--type", "track,follow", "--id", "0-3"],
    );
    const { collector } = run;
    await collector.says(/"rule_id":"c1"/);
    await collector.says(/"rule_id":"12345"/);
    await collector.end();
    const rules = collector.stdout.trimEnd().split("\n").flatMap((line) => JSON.parse(line).traptor.collection_rules);
    assertEquals(rules.find((rule) => rule.rule_id === "c1"), {
      rule_id: "c1",
      type: "track",
      id: 3,
      value: "coffee",
      tag: "drinks",
      rule_tag: "drinks",
      rule_value: "coffee",
      project: "north",
    });
    assertEquals(rules.find((rule) => rule.rule_id === "12345").orig_type, "userid");
  },
});

serviceTest({
  name: "a key of the wrong type is named, and the other rules are used",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisCli(port, "flushall");
    await redisCli(port, "set", "traptor-track:0", "no set");
    await redisCli(port, "hset", "traptor-track:0:1", "value", "deno");
    await using run = await startCollecting(["--sink", "stdout", "--redis-port", String(port)]);
    await run.collector.says(/"rule_value":"deno"/);
    assertStringIncludes(run.collector.stderr, "traptor-track:0");
    assert(/WARN .*traptor-track:0/.test(run.collector.stderr), run.collector.stderr);
  },
});

serviceTest({
  name: "two rules of one value share a wire rule, and a tweet that matches it names both",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisCli(port, "flushall");
    await redisCli(port, "sadd", "traptor-track:0", "deno");
    await redisCli(port, "sadd", "traptor-query:1", '{"value":"deno","tag":"as a query"}');
    await using run = await startCollecting(
      ["--sink", "stdout", "--redis-port", String(port), "--type", "track,query", "--id", "0,1"],
    );
    await run.collector.says(/"rule_value":"deno"/);
    await run.collector.end();
    const [first = ""] = run.collector.stdout.split("\n");
    const slots = JSON.parse(first).traptor.collection_rules.map((rule: { type: string; id: number }) =>
      `${rule.type}:${rule.id}`
    );
    assertEquals(slots.sort(), ["query:1", "track:0"]);
    const held = await (await fetch(`${run.simulator.url}/sim/rules`)).text();
    assertEquals(held.trimEnd().split("\n").length, 1);
  },
});

serviceTest({
  name: "a Redis that goes away and comes back stops nothing",
  needs: ["redis"],
  async fn() {
    const redis = await sharedRedis();
    await redisCli(redis.port, "flushall");
    await redisCli(redis.port, "sadd", "traptor-track:0", "deno");
    await using run = await startCollecting(
      ["--sink", "stdout", "--redis-port", String(redis.port), "--rule-check-interval", "1s"],
    );
    const { collector } = run;
    await collector.says(/"rule_value":"deno"/);
    await redis.process.kill();
    await collector.says(/Cannot load the rules/);
    const before = collector.stdout.length;
    await waitUntil(() => collector.stdout.length > before, { what: "tweets go on" });
    await redis.process.start();
    await redisCli(redis.port, "sadd", "traptor-track:0", "zebra");
    await collector.says(/"rule_value":"zebra"/);
    assertEquals((await collector.end()).code, 0);
  },
});
