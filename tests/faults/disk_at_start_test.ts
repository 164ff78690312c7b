/** A collector that starts on a disk which takes nothing just then: it waits, says why, and begins by itself. */

import { assert, assertEquals } from "@std/assert";
import { startCollecting } from "../support/collecting.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";
import { type SmallDisk, smallDiskTest } from "../support/small_disk.ts";
import { waitUntil } from "../support/wait_until.ts";

const TROUBLES: readonly [string, (disk: SmallDisk) => () => void, RegExp][] = [
  ["full to the last byte", filled(0), /(Cannot begin: .*the disk is full\. Next try in|The journal is full: )/],
  ["full but for a little", filled(8_192), /(Cannot begin: .*full\. Next try in|The journal is full: )/],
  ["read-only", readOnly, /Cannot begin: .*the file system is read-only\. Next try in/],
];

function filled(butBytes: number): (disk: SmallDisk) => () => void {
  return (disk) => {
    disk.fill(butBytes);
    return () => disk.free();
  };
}

function readOnly(disk: SmallDisk): () => void {
  disk.remount("ro");
  return () => disk.remount("rw");
}

for (const [what, trouble, words] of TROUBLES) {
  smallDiskTest(`a disk that is ${what} at the start is waited for, with and without a journal on it`, async (disk) => {
    const args = ["--sink", "file:tweets", "--state-dir", `${disk.folder}/state`];
    for (const when of ["without", "with"]) {
      const mend = trouble(disk);
      await using run = await startCollecting(args, { rules: "deno\n", simulator: { rate: 100 } });
      await run.collector.says(words);
      mend();
      await run.collector.says(/Connected to X/);
      await waitUntil(() => run.simulator.sent().length >= 20, { what: `tweets are sent (${when} a journal)` });
      const { code, stderr } = await run.collector.end();
      assertEquals(code, 0, stderr);
      const verified = await runTraptor(["verify", ...args], { cwd: run.folder });
      assert(when === "with" || verified.code === 0, verified.stdout + verified.stderr);
    }
  });
}

smallDiskTest("what waits in a journal on a full disk is delivered, and then there is room", async (disk) => {
  const state = ["--state-dir", `${disk.folder}/state`];
  await using run = await startCollecting(["--sink", "kafka", "--kafka-hosts", "127.0.0.1:9", ...state], {
    rules: "deno\n",
    simulator: { rate: 100 },
  });
  await run.collector.says(/Connected to X/);
  await waitUntil(() => run.simulator.sent().length >= 50, { what: "tweets are sent" });
  await run.collector.end("SIGKILL");
  disk.fill();
  const args = ["--api-url", run.simulator.url, "--rules", `file:${run.folder}/rules.txt`, ...state];
  await using again = startTraptor([...args, "--sink", "kafka", "--kafka-hosts", "127.0.0.1:9"], {
    cwd: run.folder,
    env: { BEARER_TOKEN: run.simulator.token },
  });
  await again.says(/(The journal is full: less than 5 % of its disk is free|Cannot begin: )/);
  disk.free();
  await again.says(/Connected to X/);
  const { code, stderr } = await again.end();
  assertEquals(code, 0, stderr);
  const verified = await runTraptor(["verify", ...state, "--json"], { cwd: run.folder });
  assertEquals(verified.code, 0, verified.stdout + verified.stderr);
  assertEquals(JSON.parse(verified.stdout).balances, true);
});

smallDiskTest("a stop while the disk is waited for ends it at once, with 0", async (disk) => {
  disk.fill();
  await using run = await startCollecting(["--sink", "file:tweets", "--state-dir", `${disk.folder}/state`], {
    rules: "deno\n",
  });
  await run.collector.says(/Cannot begin: /);
  const { code, stderr } = await run.collector.end();
  assertEquals(code, 0, stderr);
});
