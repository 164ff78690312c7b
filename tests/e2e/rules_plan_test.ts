/** `traptor rules plan` and `apply`: what X would be made to hold, and what it then holds. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulate/simulator.ts";
import { changeRules, heldRules, ruleChanges } from "../support/held_rules.ts";
import { jsonLines, type RulesWorld, startRulesWorld } from "../support/rules_world.ts";
import { serviceTest } from "../support/services.ts";

/** A world with an X beside it. */
async function startWorldWithX(options: SimulatorOptions = {}): Promise<
  { world: RulesWorld; simulator: Simulator } & AsyncDisposable
> {
  const world = await startRulesWorld();
  const simulator = await startSimulator({ rate: 0, ...options });
  world.env["BEARER_TOKEN"] = simulator.token;
  world.env["TWITTER_API_URL"] = simulator.url;
  return {
    world,
    simulator,
    async [Symbol.asyncDispose]() {
      await simulator.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

async function valuesAt(simulator: Simulator): Promise<string[]> {
  return (await heldRules(simulator)).map(({ value }) => value).sort();
}

serviceTest({
  name: "plan shows what would be added and deleted, the caps and foreign rules, and changes nothing; apply does it",
  needs: ["redis"],
  async fn() {
    await using run = await startWorldWithX();
    const { simulator, world } = run;
    await changeRules(simulator, { add: [{ value: "theirs", tag: "somebody else" }] });
    await world.done(["text", "-"], { stdin: "deno\nbun kafka\n" });
    await world.done(["text", "-", "--type", "query"], { stdin: "zebra lang:en\n" });
    await world.done(["apply"]);
    assertEquals(await valuesAt(simulator), ["bun kafka", "deno", "theirs"]);

    await world.done(["text", "-"], { stdin: "deno\ncoffee\n" });
    const before = [await heldRules(simulator), ruleChanges(simulator)];
    const { stderr, stdout } = await world.done(["plan"]);
    const lines = stdout.split("\n").map((line) => line.replaceAll(/\d{10,}/g, "ID"));
    assertEquals(lines, [
      "Wanted: 2 rules of track:0, 2 queries",
      "X holds 3 of 1,000 rules now, 3 of 1,000 afterwards",
      "1 rule at X stays",
      "",
      "Add (1):",
      '  coffee   for track:0 "coffee"',
      "",
      "Delete (1):",
      "  bun kafka   (ID)",
      "",
      "Not ours, left alone (1):",
      "  theirs   (ID, tag somebody else)",
      "",
    ]);
    assertEquals(stderr, "Not looked at: the rules in query:0; --type and --id say which slots count\n");
    const { stdout: json } = await world.done(["plan", "--type", "track,query", "--adopt", "--json"]);
    const { added, cap, foreign, heldAfter, heldBefore, kept, removed } = JSON.parse(json);
    assertEquals([cap, heldBefore, heldAfter, kept, foreign], [1_000, 3, 3, 1, []]);
    assertEquals(added, [
      { value: "coffee", rules: ['track:0 "coffee"'] },
      { value: "zebra lang:en", rules: ['query:0 "zebra lang:en"'] },
    ]);
    assertEquals(removed.map(({ value }: { value: string }) => value).sort(), ["bun kafka", "theirs"]);
    assertEquals([await heldRules(simulator), ruleChanges(simulator)], before);

    const applied = await world.done(["apply"]);
    assertEquals(applied.stderr.split("\n").slice(-2), ["1 rule added, 1 deleted; X holds 2 for the stored rules", ""]);
    assertEquals(await valuesAt(simulator), ["coffee", "deno", "theirs"]);
    assertStringIncludes((await world.done(["plan"])).stdout, "Nothing to change\n");
    await world.done(["apply", "--adopt"]);
    assertEquals(await valuesAt(simulator), ["coffee", "deno"]);
    const history = (await world.done(["history"])).stdout;
    assertMatch(history, /\n6 .*\+0 -1 ~0 +at X +rules apply\n5 .*\+1 -1 ~0 +at X +rules apply\n/);
  },
});

serviceTest({
  name: "what X refuses is set aside with X's words, seen in the list and the plan, and costs no other rule",
  needs: ["redis"],
  async fn() {
    await using run = await startWorldWithX();
    const { simulator, world } = run;
    world.env["TRAPTOR_TYPE"] = "query";
    await world.done(["text", "-", "--tag", "t"], { stdin: "deno lang:en\napple OR\nbun\n" });
    const { code, stderr, stdout } = await world.run(["apply"]);
    const words = /X says: (.*)/.exec(stdout)?.[1];
    assertEquals([code, stdout], [1, `refused: query:0 "apple OR"\n  X says: ${words}\n`]);
    assertStringIncludes(stderr, "2 rules added, 0 deleted; X holds 2 for the stored rules\n");
    assertEquals(await valuesAt(simulator), ["bun", "deno lang:en"]);
    const { at, ...note } = JSON.parse((await world.fields("traptor:refused:query:0"))["apple OR"]!);
    assertMatch(at, /^\d{4}-\d\d-\d\dT.*Z$/);
    assertEquals([note.tag, note.reason], ["t", words]);
    assertStringIncludes((await world.done(["list"])).stdout, `refused by X: ${words}`);
    assertEquals(jsonLines((await world.done(["list", "--json"])).stdout).map(({ refused }) => refused), [
      words,
      undefined,
      undefined,
    ]);
    const plan = JSON.parse((await world.done(["plan", "--json"])).stdout);
    assertEquals([plan.added, plan.refused, plan.heldAfter], [[], [{ value: "apple OR", reason: words }], 2]);

    await world.done(["text", "-"], { stdin: "deno lang:en\napple OR pear\nbun\n" });
    await world.done(["apply"]);
    assertEquals(await valuesAt(simulator), ["apple OR pear", "bun", "deno lang:en"]);
    assertEquals(await world.keys("traptor:refused:*"), []);
  },
});

serviceTest({
  name: "a change of tags or further fields alone changes nothing at X",
  needs: ["redis"],
  async fn() {
    await using run = await startWorldWithX();
    const { simulator, world } = run;
    await world.done(["json", "-"], { stdin: '{"value":"deno","tag":"a"}\n{"value":"bun","tag":"a"}\n' });
    await world.done(["apply"]);
    const before = [await heldRules(simulator), ruleChanges(simulator)];
    await world.done(["json", "-"], {
      stdin: '{"value":"deno","tag":"b","project":"x"}\n{"value":"bun","rule_id":"7"}\n',
    });
    assertStringIncludes((await world.done(["plan"])).stdout, "Nothing to change\n");
    const { stderr } = await world.done(["apply"]);
    assertEquals(stderr, "0 rules added, 0 deleted; X holds 2 for the stored rules\n");
    assertEquals([await heldRules(simulator), ruleChanges(simulator)], before);
  },
});

serviceTest({
  name: "where X takes fewer rules than are wanted they share: the plan says what is grouped anew",
  needs: ["redis"],
  async fn() {
    await using run = await startWorldWithX({ caps: { rulesPerProject: 10 } });
    const { simulator, world } = run;
    const accounts = (count: number) => Array.from({ length: count }, (_, at) => `${700_000_000 + at}\n`).join("");
    world.env["TRAPTOR_TYPE"] = "follow";
    await world.done(["text", "-"], { stdin: accounts(5) });
    await world.done(["apply"]);
    assertEquals((await heldRules(simulator)).length, 5);
    await world.done(["text", "-"], { stdin: accounts(20) });
    const plan = JSON.parse((await world.done(["plan", "--json"])).stdout);
    assertEquals([plan.rules, plan.queries, plan.cap, plan.heldBefore], [20, 20, 10, 5]);
    const { stdout } = await world.done(["plan"]);
    assertStringIncludes(stdout, `X holds 5 of 10 rules now, ${plan.heldAfter} of 10 afterwards\n`);
    await world.done(["apply"]);
    const held = await heldRules(simulator);
    assertEquals([held.length, held.length <= 9], [plan.heldAfter, true]);
    const covered = held.flatMap(({ value }) => [...value.matchAll(/from:(\d+)/g)].map(([, id]) => id));
    assertEquals(covered.length, 20);
    assertEquals(new Set(covered).size, 20);
  },
});

serviceTest({
  name: "X that refuses the token or is away ends in two lines, with 77 and 69; without a token it is 78",
  needs: ["redis"],
  async fn() {
    await using run = await startWorldWithX();
    const { world } = run;
    await world.done(["text", "-"], { stdin: "deno\n" });
    const tries: [command: string, env: Record<string, string>, code: number, first: RegExp][] = [
      ["plan", { BEARER_TOKEN: "wrong" }, 77, /^X refused the token: /],
      ["apply", { BEARER_TOKEN: "" }, 78, /^No X token is set$/],
      ["plan", { REDIS_URL: "redis://127.0.0.1:1" }, 69, /nothing answers at 127\.0\.0\.1:1$/],
    ];
    for (const [command, env, code, first] of tries) {
      const ended = await world.run([command], { env });
      const lines = ended.stderr.trimEnd().split("\n");
      assertEquals([ended.code, lines.length, ended.stdout], [code, 2, ""], ended.stderr);
      assertMatch(lines[0]!, first);
      assertMatch(lines[1]!, /^Try: ./);
    }
  },
});
