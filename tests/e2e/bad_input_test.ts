import { assert, assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { SIMULATOR_CONSUMER_KEY, SIMULATOR_CONSUMER_SECRET, startSimulator } from "../../src/simulate/simulator.ts";
import { startCollecting } from "../support/collecting.ts";
import { freePort } from "../support/free_port.ts";
import { runTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

interface Refusal {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string | Uint8Array>;
  readonly code: number;
  readonly says: RegExp;
}

const TOKEN = { BEARER_TOKEN: "some-token" };

const REFUSALS: readonly Refusal[] = [
  { name: "an unknown flag", args: ["--tset"], code: 64, says: /--tset.*\nTry: --test/ },
  { name: "an unknown command", args: ["colect"], code: 64, says: /"colect".*\nTry: traptor collect/ },
  { name: "a flag without its value", args: ["--limit"], code: 64, says: /--limit/ },
  { name: "a limit that is no number", args: ["--test", "--limit", "many"], code: 64, says: /--limit many/ },
  { name: "a duration that is none", args: ["--test", "--duration", "soon"], code: 64, says: /--duration/ },
  { name: "a world without a simulator", args: ["--test", "--rate", "5"], code: 64, says: /--rate without --simulate/ },
  {
    name: "a fault that is not known",
    args: ["--test", "--simulate", "--faults", "stal"],
    code: 64,
    says: /"stal".*\nTry: --faults stall/,
  },
  { name: "a setting that is wrong", args: ["--type", "tracks"], env: TOKEN, code: 78, says: /TRAPTOR_TYPE/ },
  {
    name: "a misspelt variable",
    args: [],
    env: { TRAPTOR_SNIK: "kafka" },
    code: 78,
    says: /TRAPTOR_SNIK.*TRAPTOR_SINK/s,
  },
  {
    name: "a settings file that is no JSON",
    args: [],
    files: { "localsettings.json": "{KAFKA_HOSTS" },
    code: 78,
    says: /localsettings\.json.*line 1/s,
  },
  {
    name: "a settings file with an unknown key",
    args: [],
    files: { "localsettings.json": '{"KAFKA_HOST": "x:1"}' },
    code: 78,
    says: /KAFKA_HOST.*KAFKA_HOSTS/s,
  },
  { name: "a settings file that is not there", args: ["--settings", "nowhere.json"], code: 78, says: /nowhere\.json/ },
  { name: "no token", args: [], code: 78, says: /^No X token is set\nTry: / },
  {
    name: "a token that would go over plain http",
    args: ["--api-url", "http://api.example.com"],
    env: TOKEN,
    code: 78,
    says: /unencrypted/,
  },
  {
    name: "a password in a flag's URL",
    args: ["--redis-url", "redis://:hush-hush@localhost:6379"],
    env: TOKEN,
    code: 78,
    says: /--redis-url/,
  },
  {
    name: "a rules file that is missing",
    args: ["--test", "--rules", "file:gone.json"],
    env: TOKEN,
    code: 78,
    says: /gone\.json/,
  },
  {
    name: "a rules file that is not UTF-8",
    args: ["--test", "--rules", "file:rules.txt"],
    env: TOKEN,
    files: { "rules.txt": new Uint8Array([100, 10, 0xff, 0xfe, 10]) },
    code: 78,
    says: /line 2.*UTF-8|UTF-8.*line 2/s,
  },
  {
    name: "a rules file that is a broken JSON array",
    args: ["--test", "--rules", "file:rules.json"],
    env: TOKEN,
    files: { "rules.json": '[{"value": "deno"},\n {"value": }]' },
    code: 78,
    says: /rules\.json/,
  },
  { name: "scaled time against X", args: ["--test", "--time-scale", "5"], env: TOKEN, code: 78, says: /scale time/ },
];

for (const { name, args, env = {}, files = {}, code, says } of REFUSALS) {
  Deno.test(`${name} ends with ${code} and two lines that help`, async () => {
    const folder = await Deno.makeTempDir();
    for (const [file, content] of Object.entries(files)) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(`${folder}/${file}`, bytes, { mode: 0o600 });
    }
    const ended = await runTraptor(args, { env, cwd: folder });
    assertEquals(ended.code, code, ended.stderr);
    assertMatch(ended.stderr, says);
    assertMatch(ended.stderr, /\nTry: \S.*\n$/);
    assertEquals(ended.stdout, "");
    assertNotMatch(ended.stderr, /hush-hush|some-token/);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("a token that X refuses ends with 77, and is not shown", async () => {
  await using run = await startCollecting(["--test"], {
    rules: "deno\n",
    env: { BEARER_TOKEN: "a-wrong-secret-token" },
  });
  const { code, stderr } = await run.collector.ended;
  assertEquals(code, 77, stderr);
  assertMatch(stderr, /X refused the token: .*Unauthorized\nTry: .*BEARER_TOKEN\n$/);
  assert(!stderr.includes("a-wrong-secret-token"));
});

Deno.test("an empty rules file is waited for, told once, and used when it is filled", async () => {
  await using run = await startCollecting(["--test"], { rules: "" });
  await run.collector.says(/Waiting for rules/);
  await Deno.writeTextFile(`${run.folder}/rules.txt`, "# what we look for\ndeno\n");
  await run.collector.says(/deno/i);
  assertEquals(run.collector.stderr.match(/Waiting for rules/g)?.length, 1);
});

Deno.test("a broken line 7 is named, and the other rules are used", async () => {
  const lines = ["deno", "coffee", "tea", "#opendata", "rain", "snow", '{"value": "broken', "zebra"];
  await using run = await startCollecting(["--sink", "stdout"], { rules: lines.join("\n") });
  await run.collector.says(/"rule_value":"zebra"/);
  assertMatch(run.collector.stderr, /line 7 cannot be used/);
});

Deno.test("a rules file that breaks while it is used replaces nothing", async () => {
  await using run = await startCollecting(["--sink", "stdout", "--rule-check-interval", "1s"], { rules: '["deno"]' });
  await run.collector.says(/"rule_value":"deno"/);
  await Deno.writeTextFile(`${run.folder}/rules.txt`, '["deno", ');
  await run.collector.says(/Cannot load the rules from .*The last 1 rule stay/);
  const before = run.collector.stdout.length;
  await waitUntil(() => run.collector.stdout.length > before + 2_000, { what: "tweets go on" });
});

Deno.test("a rule that X refuses is told with X's words, and the others go on", async () => {
  await using run = await startCollecting(["--sink", "stdout", "--type", "query"], { rules: "has:links\ndeno\n" });
  await run.collector.says(/"rule_value":"deno"/);
  assertMatch(run.collector.stderr, /X refused the rule has:links: \S.*standalone operator.*The other rules go on/);
});

Deno.test("a port that is in use is an error where it was asked for, and moves where it was not", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const simulate = await runTraptor(["simulate", "--port", String(port)]);
  assertEquals(simulate.code, 69, simulate.stderr);
  assertMatch(simulate.stderr, new RegExp(`port ${port}.*in use\\nTry: .*--port`));
  const status = await runTraptor(["--simulate", "--sink", "stdout", "--status-listen", `127.0.0.1:${port}`]);
  assertEquals(status.code, 69, status.stderr);
  assertMatch(status.stderr, /in use\nTry: /);
});

Deno.test("lines from X that are no tweets are counted, told once a minute a kind, and never fatal", async () => {
  const status = freePort();
  await using run = await startCollecting(["--sink", "stdout", "--status-listen", `127.0.0.1:${status}`], {
    rules: "deno\n",
  });
  await run.collector.says(/"traptor":/);
  const odd = [
    "no JSON at all",
    "[1]",
    "null",
    '{"data":{"text":"no id"}}',
    '{"what":"is this"}',
    "x".repeat(1_048_576),
  ];
  for (let round = 0; round < 3; round++) {
    for (const line of odd) await (await fetch(`${run.simulator.url}/sim/send`, { method: "POST", body: line })).text();
  }
  await run.collector.says(/too long/);
  const before = run.collector.stdout.length;
  await waitUntil(() => run.collector.stdout.length > before + 2_000, { what: "tweets go on" });
  const counts = (await (await fetch(`http://127.0.0.1:${status}/status`)).json()).odd_lines;
  assertEquals(counts, { not_json: 3, not_an_object: 6, too_long: 3, no_id: 3, unknown_kind: 3 });
  assertEquals(run.collector.stderr.match(/not an object/g)?.length, 1);
});

Deno.test("lines of control characters reach no terminal as they are", async () => {
  await using run = await startCollecting(["--test"], { rules: "deno\n" });
  await run.collector.says(/Connected to X/);
  const body = "\u001b[2J\u202eevil";
  await (await fetch(`${run.simulator.url}/sim/send`, { method: "POST", body })).text();
  await run.collector.says(/not json/);
  assertStringIncludes(run.collector.stderr, "\\u{1b}[2J\\u{202e}evil");
  assert(!run.collector.stderr.includes("\u001b"));
});

Deno.test("a key pair that X knows becomes a token, one that it does not ends with 77", async () => {
  const simulator = await startSimulator();
  try {
    const args = ["--test", "--api-url", simulator.url, "--limit", "1", "--rules", "file:rules.txt"];
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/rules.txt`, "deno\n");
    const pair = { CONSUMER_KEY: SIMULATOR_CONSUMER_KEY, CONSUMER_SECRET: SIMULATOR_CONSUMER_SECRET };
    const right = await runTraptor(args, { env: pair, cwd: folder });
    assertEquals(right.code, 0, right.stderr);
    const wrong = await runTraptor(args, { env: { ...pair, CONSUMER_SECRET: "wrong-secret" }, cwd: folder });
    assertEquals(wrong.code, 77, wrong.stderr);
    assert(!wrong.stderr.includes("wrong-secret"));
    await Deno.remove(folder, { recursive: true });
  } finally {
    await simulator.close();
  }
});
