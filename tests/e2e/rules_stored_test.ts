/** What is stored, looked after: list, lint, export, clear, history and rollback, over a real Redis. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { listenForNotices } from "../support/notices.ts";
import { jsonLines, startRulesWorld } from "../support/rules_world.ts";
import { serviceTest } from "../support/services.ts";

serviceTest({
  name: "list shows all slots and both layouts, or the slots that are asked for; somebody's mistakes are told",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    assertStringIncludes((await world.done(["list"])).stderr, "No rules are stored there");
    await world.redis("SADD", "traptor-track:0", "deno", "bun kafka");
    await world.redis("HSET", "traptor-locations:3:17", "rule_id", "17", "tag", "t", "value", "-74.1,40.6,-73.9,40.8");
    await world.redis("HSET", "traptor-track:0:18", "rule_id", "18", "tag", "no value here");
    const { stdout, stderr } = await world.done(["list"]);
    assertEquals(stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | ")), [
      "slot | id | rule | tag",
      "track:0 | d74e484e5bb2 | bun kafka",
      "track:0 | 67a40d833712 | deno",
      "geo:3 | 17 | -74.1,40.6,-73.9,40.8 | t",
      "",
    ]);
    assertMatch(stderr, /^Not used: .*track:0:18.*\n3 rules\n$/);
    const some = await world.done(["list", "--type", "geo", "--id", "0-3", "--json"]);
    assertEquals(jsonLines(some.stdout), [
      { rule_id: "17", type: "geo", id: 3, value: "-74.1,40.6,-73.9,40.8", tag: "t" },
    ]);
  },
});

serviceTest({
  name: "lint ends with 1 when there are faults and with 0 when there are only cautions: stored, in a file, at stdin",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.done(["text", "-", "--type", "query"], { stdin: "deno lang:en\napple OR\n" });
    const stored = await world.run(["lint"]);
    assertEquals([stored.code, stored.stdout, stored.stderr], [
      1,
      'fault: query:0 "apple OR", column 7: nothing follows this OR\n  apple OR\n        ^^\n' +
      "  write: one more alternative, or take the OR away\n\n",
      "2 rules: 1 fault, 0 cautions\n",
    ]);
    await world.write("careful.txt", "apple OR\n");
    const file = await world.run(["lint", "careful.txt"]);
    assertEquals([file.code, file.stderr], [0, "1 rule: 0 faults, 1 caution\n"]);
    assertMatch(file.stdout, /^caution: track:0 "apple OR", column 7: OR is a word to look for here\n/);
    const stdin = await world.run(["lint", "-", "--type", "query", "--json"], { stdin: "lang:en\n" });
    const [message] = jsonLines(stdin.stdout);
    assertEquals([stdin.code, message!["level"], message!["value"], message!["column"], message!["end"]], [
      1,
      "fault",
      "lang:en",
      1,
      8,
    ]);
    const clean = await world.run(["lint", "-"], { stdin: "deno\n", env: { REDIS_URL: "redis://127.0.0.1:1" } });
    assertEquals([clean.code, clean.stdout], [0, ""]);
  },
});

serviceTest({
  name: "what is exported is a copy: cleared and read again it is the same, and a collector's file as well",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.done(["json", "-", "--layout", "hash"], {
      stdin:
        '{"value":"deno","tag":"t","rule_id":"7","project":"x"}\n{"value":"nasa","type":"follow","id":2,"tag":"a,b"}\n',
    });
    const before = (await world.done(["export"])).stdout;
    const [own, plain] = jsonLines(before);
    // In this layout the type is also a field, as in the Python program.
    assertEquals(own, {
      ...{ rule_id: "7", type: "track", id: 0, value: "deno", tag: "t", project: "x" },
      orig_type: "track",
    });
    assertEquals([plain!["type"], plain!["id"], plain!["value"], plain!["tag"]], ["follow", 2, "nasa", "a,b"]);
    const cleared = await world.done(["clear", "--all", "--json"]);
    assertEquals(JSON.parse(cleared.stdout), {
      slots: [
        { slot: "track:0", before: 1, after: 0, added: 0, removed: 1, changed: 0 },
        { slot: "follow:2", before: 1, after: 0, added: 0, removed: 1, changed: 0 },
      ],
    });
    assertEquals(await world.keys("traptor-*"), []);
    await world.write("copy.jsonl", before);
    await world.done(["json", "copy.jsonl"]);
    assertEquals((await world.done(["export"])).stdout, before);
    assertEquals((await world.done(["export", "--rules", "file:copy.jsonl"])).stdout, before);
  },
});

serviceTest({
  name: "history says who changed what, and rollback returns to any set of before; collectors are told",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.done(["text", "-"], { stdin: "first\n" });
    await world.done(["text", "-", "--tag", "t"], { stdin: "first\nsecond\n" });
    await world.done(["clear", "track:0"]);
    const { stdout } = await world.done(["history"]);
    const rows = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
    assertEquals(rows[0], ["change", "when (UTC)", "who", "rules", "undo", "what"]);
    const who = `tester@${Deno.hostname()}`;
    assertEquals(rows.slice(1).map(([number, , ...rest]) => [number, ...rest]), [
      ["3", who, "+0 -2 ~0", "yes", "rules clear track:0"],
      ["2", who, "+1 -0 ~1", "yes", "rules text -"],
      ["1", who, "+1 -0 ~0", "yes", "rules text -"],
    ]);
    await using notices = await listenForNotices(world.port);
    await world.done(["rollback"]);
    const values = async () =>
      (await world.members("traptor-track:0") as { value: string }[]).map(({ value }) => value);
    assertEquals(await values(), ["first", "second"]);
    await world.done(["rollback", "2"]);
    assertEquals(await world.members("traptor-track:0"), [{ value: "first" }]);
    await world.done(["rollback", "1"]);
    assertEquals(await world.keys("traptor-track:*"), []);
    // The return is a change like any other.
    await world.done(["rollback", "--json"]);
    assertEquals(await world.members("traptor-track:0"), [{ value: "first" }]);
    assertEquals(await notices.told(), ["track:0", "track:0", "track:0", "track:0"]);
    const unknown = await world.run(["rollback", "99"]);
    assertEquals([unknown.code, unknown.stderr], [
      78,
      "Cannot return to the rules before change 99: no such change is remembered\n" +
      "Try: `traptor rules history` for the changes that can be undone\n",
    ]);
    const kept = jsonLines((await world.done(["history", "--json"])).stdout);
    assertEquals(kept.map(({ number, what }) => [number, what]).slice(0, 2), [
      [7, "rules rollback 6"],
      [6, "rules rollback 1"],
    ]);
  },
});
