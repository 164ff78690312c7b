/** Applying rules over time: ended in the middle, and beside a collector that leaves X alone. */

import { assertEquals, assertMatch } from "@std/assert";
import { type Simulator, startSimulator } from "../../src/simulate/simulator.ts";
import { startCollecting } from "../support/collecting.ts";
import { heldRules, ruleChanges } from "../support/held_rules.ts";
import { startRulesWorld } from "../support/rules_world.ts";
import { serviceTest } from "../support/services.ts";
import { startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

serviceTest({
  name: "apply that is killed in the middle goes on when it is started again, and what stays wanted stays covered",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    const simulator = await startSimulator({ rate: 0 });
    await using _ = { [Symbol.asyncDispose]: () => simulator.close() };
    const env = { ...world.env, BEARER_TOKEN: simulator.token, TWITTER_API_URL: simulator.url };
    const words = (first: number, last: number) =>
      Array.from({ length: last - first }, (_, at) => `word${first + at}\n`).join("");
    await world.done(["text", "-"], { stdin: words(0, 50) });
    await world.done(["apply"], { env });
    const stays = (await heldRules(simulator)).filter(({ value }) => Number(value.slice(4)) >= 20);

    await world.done(["text", "-"], { stdin: words(20, 300) });
    await using silent = startFallingSilent(simulator, 2);
    await using applying = startTraptor(["rules", "apply"], {
      env: { ...env, TWITTER_API_URL: silent.url },
      cwd: world.folder,
    });
    await waitUntil(() => silent.isSilent, { what: "X does not answer any more" });
    assertEquals((await applying.end("SIGKILL")).code, 137);
    const between = await heldRules(simulator);
    // Two batches are there, of the second of which nobody knows; nothing was deleted yet.
    assertEquals(between.length, 50 + 100 + 100);

    await world.done(["apply"], { env });
    const after = await heldRules(simulator);
    const wanted = words(20, 300).trimEnd().split("\n");
    assertEquals(after.map(({ value }) => value).sort(), wanted.sort());
    const ids = new Set(after.map(({ id }) => id));
    assertEquals([...stays, ...between.slice(50)].filter(({ id }) => !ids.has(id)), [], "nothing is added twice");
  },
});

serviceTest({
  name: "apply waits until X's rate limit lets it go on, and then does the rest",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    // Two trials and a batch; then the window is over, and a trial and a batch remain.
    const simulator = await startSimulator({ rate: 0, caps: { ruleChanges: 3, windowMs: 2_000 } });
    await using _ = { [Symbol.asyncDispose]: () => simulator.close() };
    const env = { BEARER_TOKEN: simulator.token, TWITTER_API_URL: simulator.url };
    await world.done(["text", "-"], { stdin: Array.from({ length: 150 }, (_, at) => `word${at}\n`).join("") });
    const { stderr } = await world.done(["apply"], { env });
    assertMatch(stderr, /^Waiting \d s: X answered 429 .*\n.*; X holds 150 for the stored rules\n$/);
    assertEquals((await heldRules(simulator)).length, 150);
  },
});

serviceTest({
  name:
    "with RULES_APPLY=manual a collector leaves X alone until a person applies the rules; then it collects with them",
  needs: ["redis"],
  async fn() {
    await using world = await startRulesWorld();
    await world.done(["text", "-"], { stdin: "deno\n" });
    await using run = await startCollecting(["--sink", "stdout", "--time-scale", "300"], {
      simulator: { rate: 1, timeScale: 300 },
      env: { ...world.env, BEARER_TOKEN: "simulator-bearer-token", RULES_APPLY: "manual" },
    });
    const { collector, simulator } = run;
    const env = { BEARER_TOKEN: simulator.token, TWITTER_API_URL: simulator.url };
    await collector.says(/RULES_APPLY is manual/);
    assertEquals([ruleChanges(simulator), await heldRules(simulator)], [0, []]);

    await world.done(["apply"], { env });
    await collector.says(/"rule_value":"deno"/);

    // Also while it collects: it tells the difference, and what it has goes on.
    await world.done(["text", "-"], { stdin: "coffee\n" });
    await collector.says(/1 to add, 1 to delete/);
    const changes = ruleChanges(simulator);
    assertEquals((await heldRules(simulator)).map(({ value }) => value), ["deno"]);
    await world.done(["apply"], { env });
    await collector.says(/"rule_value":"coffee"/);
    assertEquals((await heldRules(simulator)).map(({ value }) => value), ["coffee"]);
    await waitUntil(() => ruleChanges(simulator) > changes, { what: "apply has changed X" });
    const { code, stdout } = await collector.end();
    assertEquals(code, 0);
    const attributions = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).traptor.attribution);
    assertEquals(new Set(attributions), new Set(["x"]));
  },
});

/** Stands before X; the answer to the `last` request that adds rules never comes, though X does what it asks. */
function startFallingSilent(simulator: Simulator, last: number) {
  let adds = 0;
  let isSilent = false;
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === "POST" ? await request.text() : null;
    const answer = await fetch(`${simulator.url}${pathname}${search}`, {
      method: request.method,
      headers: { authorization: request.headers.get("authorization") ?? "", "content-type": "application/json" },
      body,
    });
    const text = await answer.text();
    if (body?.includes('"add"') && !search.includes("dry_run=true")) adds += 1;
    if (adds >= last) {
      isSilent = true;
      await isOver;
    }
    return new Response(text, { status: answer.status, headers: answer.headers });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    get isSilent() {
      return isSilent;
    },
    [Symbol.asyncDispose]() {
      end();
      return server.shutdown();
    },
  };
}
