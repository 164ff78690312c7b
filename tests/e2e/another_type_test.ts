import { assert, assertEquals, assertMatch } from "@std/assert";
import { startCollecting } from "../support/collecting.ts";
import { recordedServer } from "../support/recorded_server.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test("a start with another type goes on with the same journal: what waited is delivered, and nothing is stranded", async () => {
  let isAway = true;
  const taken = new Set<string>();
  await using server = recordedServer(({ body, path }) => {
    if (isAway) return { status: 503 };
    if (!path.includes("/_bulk")) return {};
    const ids = body.split("\n").filter((line) => line.startsWith('{"index"')).map((line) =>
      JSON.parse(line).index._id
    );
    for (const id of ids) taken.add(id);
    return { body: { errors: false, items: ids.map(() => ({ index: { status: 201 } })) } };
  });
  const sink = ["--sink", `elasticsearch:${server.url}/tweets`, "--state-dir", "state"];
  await using run = await startCollecting([...sink, "--type", "track"], { rules: "deno\n" });
  await run.collector.says(/Connected to X/);
  await waitUntil(() => run.simulator.sent().length >= 50, { what: "tweets are sent" });
  await run.collector.end("SIGKILL");
  const before = JSON.parse(
    (await runTraptor(["verify", "--json", "--state-dir", "state"], { cwd: run.folder })).stdout,
  );
  const [{ waiting }] = before.sinks;
  assert(waiting > 0 && waiting === before.tweets.accepted, JSON.stringify(before));

  isAway = false;
  await Deno.writeTextFile(`${run.folder}/accounts.txt`, "783214\n");
  const args = [
    "--api-url",
    run.simulator.url,
    "--rules",
    `file:${run.folder}/accounts.txt`,
    "--type",
    "follow",
    ...sink,
  ];
  await using again = startTraptor(args, { cwd: run.folder, env: { BEARER_TOKEN: run.simulator.token } });
  await again.says(new RegExp(`${waiting} tweets waiting in it`));
  await waitUntil(() => taken.size >= waiting, { what: "what waited is delivered" });
  const { code, stderr } = await again.end();
  assertEquals(code, 0, stderr);
  const after = JSON.parse(
    (await runTraptor(["verify", "--json", "--state-dir", "state"], { cwd: run.folder })).stdout,
  );
  assertEquals([after.balances, after.sinks[0].waiting], [true, 0]);
});

Deno.test("what waits for a sink that is not there now is nobody's failure to deliver", async () => {
  const kafka = ["--sink", "kafka", "--kafka-hosts", "127.0.0.1:9", "--state-dir", "state"];
  await using run = await startCollecting(kafka, { rules: "deno\n" });
  await run.collector.says(/Connected to X/);
  await waitUntil(() => run.simulator.sent().length >= 50, { what: "tweets are sent" });
  await run.collector.end("SIGKILL");
  const args = ["--api-url", run.simulator.url, "--rules", `file:${run.folder}/rules.txt`, "--state-dir", "state"];
  await using again = startTraptor([...args, "--sink", "file:tweets", "--limit", "5"], {
    cwd: run.folder,
    env: { BEARER_TOKEN: run.simulator.token },
  });
  const { code, stderr } = await again.ended;
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /tweets at most still wait for kafka, which is not among the sinks now/);
  assertMatch(stderr, /Stopped: 5 tweets delivered, 0 left undelivered\n/);
});
