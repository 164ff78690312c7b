import { assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { COMMAND, runtimeEnvironment, runTraptor, startTraptor } from "../support/traptor.ts";

Deno.test("--test --simulate --limit 10 shows ten tweets, a summary, and leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir();
  const { code, stdout, stderr } = await runTraptor(["--test", "--simulate", "--limit", "10"], { cwd: folder });
  assertEquals(code, 0, stderr);
  assertEquals(stdout.split("\n").length, 11, stdout);
  for (const line of stdout.trimEnd().split("\n")) assertNotMatch(line, /^\s*\{"data"/);
  assertMatch(stderr, /10 tweets, by rule:/);
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});

Deno.test("without a token and without the simulator it ends with 78 and says what to do", async () => {
  const { code, stdout, stderr } = await runTraptor(["--test"]);
  assertEquals({ code, stdout, stderr }, {
    code: 78,
    stdout: "",
    stderr: "No X token is set\nTry: `traptor --test --simulate`, or set BEARER_TOKEN\n",
  });
});

Deno.test("a reader that leaves, as head does, is an orderly end with 0", async () => {
  const home = await Deno.makeTempDir();
  const { code, stdout } = await new Deno.Command("bash", {
    args: [
      "-c",
      `set -o pipefail; "$0" "$@" | head -n 3`,
      ...COMMAND,
      "--sink",
      "stdout",
      "--simulate",
      "--rate",
      "100",
    ],
    env: { ...runtimeEnvironment(), HOME: home, TRAPTOR_STATUS_LISTEN: "off" },
    clearEnv: true,
    stderr: "null",
  }).output();
  assertEquals(code, 0);
  const records = new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(records.length, 3);
  for (const record of records) assertEquals(record.traptor.provenance, "live");
  await Deno.remove(home, { recursive: true });
});

Deno.test("SIGTERM is an orderly end with 0", async () => {
  await using running = startTraptor(["--test", "--simulate"]);
  await running.says(/Connected to X/);
  const { code, stderr } = await running.end("SIGTERM");
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "Stopping: SIGTERM received");
});

Deno.test("the same seed shows the same tweets, another seed shows others", async () => {
  const show = async (seed: string) =>
    (await runTraptor(["--test", "--simulate", "--limit", "5", "--seed", seed])).stdout;
  assertEquals(await show("7"), await show("7"));
  assertNotMatch(await show("8"), new RegExp(`^${escaped(await show("7"))}$`));
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
