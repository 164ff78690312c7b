import { assertEquals, assertMatch } from "@std/assert";
import { startCollecting } from "../support/collecting.ts";
import { startTraptor } from "../support/traptor.ts";

Deno.test("a second collector of the same app is refused, names the first, and leaves X's rules alone", async () => {
  await using run = await startCollecting(["--sink", "stdout", "--state-dir", "state"], { rules: "deno\n" });
  const { collector, folder, simulator } = run;
  await collector.says(/Connected to X/);
  const args = ["--test", "--api-url", simulator.url, "--state-dir", "state", "--rules", "file:other.txt"];
  await Deno.writeTextFile(`${folder}/other.txt`, "coffee\n");
  const options = { cwd: folder, env: { BEARER_TOKEN: simulator.token } };
  const rules = async () => await (await fetch(`${simulator.url}/sim/rules`)).text();
  const before = await rules();
  await using second = startTraptor([...args, "--limit", "1"], options);
  const { code, stderr } = await second.ended;
  assertEquals(code, 75, stderr);
  assertMatch(
    stderr,
    new RegExp(`another traptor collects for this app \\(process ${collector.pid}, since 20.*\\)\\nTry: `),
  );
  assertEquals(await rules(), before);

  await collector.end("SIGKILL");
  await using third = startTraptor([...args, "--limit", "1"], options);
  assertEquals((await third.ended).code, 0, "a crash releases the lock");
});

Deno.test("--if-not-running ends at once with 0 and without a word while another collects; with a word where none does", async () => {
  await using run = await startCollecting(["--sink", "stdout", "--state-dir", "state"], { rules: "deno\n" });
  const { collector, folder, simulator } = run;
  await collector.says(/Connected to X/);
  const args = [
    "--sink",
    "file:tweets",
    "--api-url",
    simulator.url,
    "--state-dir",
    "state",
    "--rules",
    "file:rules.txt",
  ];
  const options = { cwd: folder, env: { BEARER_TOKEN: simulator.token } };
  await using second = startTraptor([...args, "--if-not-running", "--limit", "1"], options);
  const { code, stderr, stdout } = await second.ended;
  assertEquals([code, stdout, stderr], [0, "", ""]);

  await collector.end("SIGKILL");
  await using third = startTraptor([...args, "--if-not-running", "--limit", "1"], options);
  const ended = await third.ended;
  assertEquals(ended.code, 0, ended.stderr);
  assertMatch(ended.stderr, /1 tweets?, as asked for, (is|are) collected/);
});

Deno.test("--wait waits for the other's end, and goes on with its journal", async () => {
  await using run = await startCollecting(["--sink", "kafka", "--kafka-hosts", "127.0.0.1:9", "--state-dir", "state"], {
    rules: "deno\n",
  });
  const { collector, folder, simulator } = run;
  await collector.says(/Connected to X/);
  while (simulator.sent().length < 20) await new Promise((resolve) => setTimeout(resolve, 100));
  const args = ["--sink", "kafka", "--kafka-hosts", "127.0.0.1:9", "--api-url", simulator.url, "--state-dir", "state"];
  await using second = startTraptor([...args, "--rules", "file:rules.txt", "--wait"], {
    cwd: folder,
    env: { BEARER_TOKEN: simulator.token },
  });
  await second.says(new RegExp(`Waiting for the other traptor to end \\(process ${collector.pid}, since 20`));
  await collector.end("SIGKILL");
  await second.says(/tweets waiting in it/);
  await second.says(/Connected to X/);
  await second.end("SIGTERM");
});

Deno.test("--wait ends on a signal, and goes not with --if-not-running", async () => {
  await using run = await startCollecting(["--sink", "stdout", "--state-dir", "state"], { rules: "deno\n" });
  const { collector, folder, simulator } = run;
  await collector.says(/Connected to X/);
  const options = { cwd: folder, env: { BEARER_TOKEN: simulator.token } };
  const args = ["--api-url", simulator.url, "--state-dir", "state", "--rules", "file:rules.txt", "--wait"];
  await using second = startTraptor(args, options);
  await second.says(/Waiting for the other traptor/);
  await second.end("SIGTERM");
  assertEquals((await second.ended).code, 0);
  await using third = startTraptor([...args, "--if-not-running"], options);
  const { code, stderr } = await third.ended;
  assertEquals([code, stderr.split("\n").length], [64, 3], stderr);
});
