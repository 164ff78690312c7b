import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Sqlite } from "../../src/base/sqlite.ts";
import { type Collecting, startCollecting } from "../support/collecting.ts";
import { type Ended, runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

const COLLECT = ["--sink", "file:tweets", "--state-dir", "state"];
const VERIFY = ["verify", "--state-dir", "state"];

async function startIntoFiles(): Promise<Collecting> {
  const run = await startCollecting(COLLECT, { rules: "deno\ncoffee\n地震\n", simulator: { rate: 200 } });
  await run.collector.says(/Connected to X/);
  return run;
}

async function verifyIn({ folder }: Collecting, ...args: string[]): Promise<Ended> {
  return await runTraptor([...VERIFY, ...args], { cwd: folder });
}

async function moreSent({ simulator }: Collecting, tweets: number): Promise<void> {
  const before = simulator.sent().length;
  await waitUntil(() => simulator.sent().length >= before + tweets, { what: `${tweets} more tweets are sent` });
}

function change({ folder }: Collecting, ...statements: readonly string[]): void {
  const database = new Sqlite(`${folder}/state/journal.db`);
  for (const statement of statements) database.script(statement);
  database.close();
}

Deno.test("verify balances while tweets come, after kill -9 and a restart, and when all is over; the files agree", async () => {
  await using run = await startIntoFiles();
  await moreSent(run, 200);
  const running = await verifyIn(run, "--sink", "file:tweets");
  assertEquals(running.code, 0, running.stdout + running.stderr);
  assertMatch(
    running.stdout,
    /^This is the journal of \S+ \([0-9a-f]{8}\) in state\/journal\.db, 20\d\d-.* UTC\n\nreceived +\d+\n/,
  );
  assertMatch(running.stdout, /\nIt balances\n/);
  assertMatch(running.stdout, /\nRead back: files in tweets\n {2}all [\d,]+ tweets that must be there are there\n/);

  await moreSent(run, 100);
  await run.collector.end("SIGKILL");
  const killed = await verifyIn(run, "--sink", "file:tweets");
  assertEquals(killed.code, 0, killed.stdout + killed.stderr);

  const args = ["--api-url", run.simulator.url, "--rules", `file:${run.folder}/rules.txt`, ...COLLECT];
  await using again = startTraptor(args, { cwd: run.folder, env: { BEARER_TOKEN: run.simulator.token } });
  await again.says(/Connected to X/);
  await moreSent(run, 100);
  const { code, stderr } = await again.end();
  assertEquals(code, 0, stderr);
  const over = await verifyIn(run, "--sink", "file:tweets", "--json");
  assertEquals(over.code, 0, over.stdout + over.stderr);
  const balance = JSON.parse(over.stdout);
  const { accepted } = balance.tweets;
  assert(accepted >= 300);
  assertEquals(balance.balances, true);
  assertEquals(balance.differences, []);
  assertEquals(balance.sinks, [
    { sink: "file", due: accepted, delivered: accepted, dead: 0, unread: 0, lost: 0, waiting: 0, waiting_rows: 0 },
  ]);
  assertEquals([balance.read_back[0].expected, balance.read_back[0].missing], [accepted, 0]);
});

Deno.test("a line that is gone from a file, a changed count and a changed row each make verify say so and end with 1", async () => {
  await using run = await startIntoFiles();
  await moreSent(run, 200);
  await run.collector.end();

  const [file] = [...Deno.readDirSync(`${run.folder}/tweets`)].filter(({ name }) => name.endsWith(".jsonl"));
  const path = `${run.folder}/tweets/${file!.name}`;
  const text = await Deno.readTextFile(path);
  const lines = text.split("\n");
  await Deno.writeTextFile(path, lines.toSpliced(50, 1).join("\n"));
  const missing = await verifyIn(run, "--sink", "file:tweets");
  assertEquals(missing.code, 1, missing.stderr);
  const { data: { id } } = JSON.parse(lines[50]!);
  assertMatch(
    missing.stdout,
    new RegExp(`1 of [\\d,]+ tweets that must be there are not there:\n {2}  ${id}, accepted`),
  );
  assertEquals((await verifyIn(run)).code, 0, "the journal alone knows nothing of it");
  await Deno.writeTextFile(path, text);

  const named = "UPDATE counters SET count = count + ? WHERE outcome = 'delivered' AND rule = 1";
  change(run, named.replace("?", "1"));
  const counts = await verifyIn(run);
  assertEquals(counts.code, 1);
  assertMatch(
    counts.stdout,
    /1 difference:\n {2}20\d\d-\d\d-\d\d \d\d:00, rule track:0 ".+", file: -1 must wait by the counts, 0 do\n/,
  );
  assertStringIncludes(counts.stdout, "It does not balance: 1 difference\n");
  change(run, named.replace("?", "-1"));
  assertEquals((await verifyIn(run)).code, 0);
});

Deno.test("a record that must wait by the counts and has no row is missed, for all rules and for its own", async () => {
  await using run = await startIntoFiles();
  await moreSent(run, 50);
  await run.collector.end();
  change(
    run,
    "UPDATE counters SET count = count + 1 WHERE outcome IN ('received', 'accepted', 'due') AND rule IN (0, 1)",
    "UPDATE state SET value = value + 1 WHERE name = 'last_position'",
  );
  const { code, stdout } = await verifyIn(run, "--json");
  assertEquals(code, 1);
  const differences = JSON.parse(stdout).differences;
  assertEquals(
    differences.map(({ sink, what, expected, found }: Record<string, unknown>) => [sink, what, expected, found]),
    [
      ["file", "waiting", 1, 0],
      ["file", "waiting", 1, 0],
    ],
  );
  assertEquals(differences.map(({ rule }: { rule: { number: number } | null }) => rule?.number ?? 0), [0, 1]);
});

Deno.test("where the journal cannot be told, or a sink not read, verify says so in two lines", async () => {
  const home = await Deno.makeTempDir({ prefix: "traptor-test-" });
  const verify = (args: string[], env: Record<string, string> = {}) =>
    runTraptor(["verify", ...args], { cwd: home, env: { HOME: home, ...env } });
  const twoLines = async (run: Promise<Ended>, code: number, first: RegExp) => {
    const { stderr, ...ended } = await run;
    assertEquals(ended.code, code, stderr);
    assertMatch(stderr, first);
    assertEquals(stderr.trimEnd().split("\n").length, 2, stderr);
    assertMatch(stderr, /\nTry: /);
  };
  try {
    const place = `${home}/.local/state/traptor`;
    await twoLines(verify([]), 78, new RegExp(`^Cannot find a journal: there is none in ${place}\n`));
    await twoLines(
      verify(["--state-dir", "nowhere"]),
      78,
      /^Cannot find a journal: there is no nowhere\/journal\.db\n/,
    );
    await using run = startTraptor(["--simulate", "--sink", "file:tweets", "--duration", "3s"], {
      cwd: home,
      env: { HOME: home },
    });
    assertEquals((await run.ended).code, 0);
    const only = await verify([]);
    assertEquals(only.code, 0, only.stderr);
    assertEquals(only.stderr, `No X token is set; the only journal that there is, is in ${place}/simulator\n`);
    await twoLines(
      verify([], { BEARER_TOKEN: "t" }),
      78,
      /there is none of this token in .*, there is one\nTry: --state/,
    );
    await Deno.mkdir(`${place}/other`);
    await Deno.copyFile(`${place}/simulator/journal.db`, `${place}/other/journal.db`);
    await twoLines(verify([]), 78, /there are several\nTry: --state-dir .*other, or --state-dir .*simulator\n/);
    const unread = await verify(["--sink", "--state-dir", `${place}/simulator`]);
    assertEquals(unread.code, 1);
    assertStringIncludes(unread.stdout, "Not read back: file: the settings do not say where it is");
    assertStringIncludes(unread.stdout, "No sink was read back: nothing is proven");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
