/**
 * The disk under a running collector's journal fails for a while: the collector says so, at `/readyz` too, closes the
 * stream when it can keep no more, and goes on by itself; what it accepted is delivered, and `verify` agrees.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Collecting, startCollecting, withoutTraptor } from "../support/collecting.ts";
import { FAILING_DISK_ABSENCE, failingDisk, type Failure } from "../support/failing_disk.ts";
import { freePort } from "../support/free_port.ts";
import { linesBelow } from "../support/line_files.ts";
import { serviceTest } from "../support/services.ts";
import { runTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

const FAILURES: readonly Pick<Failure, "calls" | "error">[] = [
  { calls: ["pwrite64", "ftruncate"], error: "EIO" },
  { calls: ["pwrite64", "ftruncate"], error: "EROFS" },
  { calls: ["pwrite64", "ftruncate"], error: "ENOSPC" },
  { calls: ["fdatasync", "fsync"], error: "EIO" },
];

for (const { calls, error } of FAILURES) {
  const name = `${
    calls[0]
  } of the journal answers ${error} for a while: it is told, and nothing that was accepted is lost`;
  serviceTest({
    name,
    needs: [],
    ignoredBecause: FAILING_DISK_ABSENCE,
    async fn() {
      const status = freePort();
      const args = ["--sink", "file:tweets", "--state-dir", "state", "--status-listen", `127.0.0.1:${status}`];
      await using run = await startCollecting(args, { rules: "deno\ncoffee\n", simulator: { rate: 300 } });
      const { collector, folder, simulator } = run;
      const journal = `${folder}/state/journal.db`;
      await collector.says(/Connected to X/);
      await moreSent(run, 100);
      {
        const files = [journal, `${journal}-wal`];
        await using _failure = await failingDisk({ pid: collector.pid, files, calls, error });
        await collector.says(/Cannot write the journal: /);
        const readiness = await fetch(`http://127.0.0.1:${status}/readyz`);
        assertEquals(readiness.status, 503);
        assertStringIncludes(await readiness.text(), "the journal takes no tweets: ");
        await collector.says(/The stream is closed until there is room/);
      }
      await collector.says(/The journal can be written again/);
      await moreSent(run, 100);
      simulator.pause();
      const sent = simulator.sent();
      const tweets = `${folder}/tweets`;
      await waitUntil(async () => (await linesBelow(tweets)).some((line) => line.includes(sent.at(-1)!.id)), {
        what: "the last tweet arrives",
        withinMs: 60_000,
      });
      const { code, stderr } = await collector.end();
      assertEquals(code, 0, stderr);
      const arrived = (await linesBelow(tweets)).map((line) => withoutTraptor(line));
      assertEquals(new Set(arrived).size, arrived.length, "none twice");
      checkConnections(sent, new Set(arrived));
      const checked = await runTraptor(["verify", "--sink", `file:${tweets}`, "--state-dir", `${folder}/state`]);
      assertEquals(checked.code, 0, checked.stdout + checked.stderr);
    },
  });
}

/** Of what was sent on a connection nothing is left out but its end: what was on its way when it was closed. */
function checkConnections(sent: ReturnType<Collecting["simulator"]["sent"]>, arrived: ReadonlySet<string>): void {
  const last = sent.at(-1)!.connection;
  for (const [connection, tweets] of Map.groupBy(sent, (record) => record.connection)) {
    const lost = tweets.findIndex(({ line }) => !arrived.has(line!));
    if (lost < 0) continue;
    assert(connection !== last, "everything of the connection that stood at the end is there");
    assertEquals(tweets.slice(lost).filter(({ line }) => arrived.has(line!)), [], `a hole after ${lost} tweets`);
  }
}

async function moreSent({ collector, simulator }: Collecting, tweets: number): Promise<void> {
  const before = simulator.sent().length;
  try {
    await waitUntil(() => simulator.sent().length >= before + tweets, {
      what: `${tweets} more tweets are sent`,
      withinMs: 60_000,
    });
  } catch (error) {
    throw new Error(collector.stderr, { cause: error });
  }
}
