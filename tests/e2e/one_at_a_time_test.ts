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
  await using second = startTraptor(args, options);
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
