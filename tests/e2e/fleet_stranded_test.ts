/** What waits on a machine that is gone: told, until it comes back and delivers it, or is written off. */

import { assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { type FleetMember, FleetTrial } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A machine whose sink takes nothing is killed, and another one follows it. */
async function withStranded(
  body: (trial: FleetTrial, gone: FleetMember, here: FleetMember, takes: () => void) => Promise<void>,
): Promise<void> {
  await using trial = await FleetTrial.start();
  const gone = trial.member({ sink: "sqlite:tweets.db" });
  await gone.collects();
  await waitUntil(() => Deno.statSync(`${gone.folder}/tweets.db`).isFile, { what: "its sink is there" });
  using writer = new DatabaseSync(`${gone.folder}/tweets.db`);
  writer.exec("BEGIN EXCLUSIVE");
  const here = trial.member();
  await here.standsBy();
  const waits = async () => {
    const { instances } = (await trial.status()).apps[0]!;
    return Number(instances.find(({ id }) => id === gone.id)?.["waiting"]) > 20;
  };
  await waitUntil(waits, { what: "records wait", withinMs: 30_000 });
  await gone.kill();
  await here.collects();
  const isTold = async () => (await trial.status()).problems.some(({ kind }) => kind === "stranded");
  await waitUntil(isTold, { what: "they are told as stranded", withinMs: 30_000 });
  await body(trial, gone, here, () => writer.exec("ROLLBACK"));
}

serviceTest({
  name: "records on a machine that is gone are told as stranded, and delivered when it is back, as a standby",
  needs: ["redis"],
  fn: () =>
    withStranded(async (trial, gone, here, takes) => {
      const { code, stdout } = await trial.traptor("status");
      assertEquals(code, 1, stdout);
      assertMatch(stdout, new RegExp(`\\d+ records stranded on host \\S+ \\(${gone.id}\\) since `));
      const verified = await here.traptor("verify", "--fleet");
      assertEquals(verified.code, 1, verified.stdout);
      assertMatch(verified.stdout, new RegExp(`^\\d+ records stranded on host \\S+ \\(${gone.id}\\) since `, "m"));

      takes();
      gone.start();
      await gone.standsBy();
      const isWell = async () => (await trial.status()).code === 0;
      await waitUntil(isWell, { what: "nothing needs a person", withinMs: 30_000 });
      assertEquals((await trial.status()).apps[0]!.holders, [here.id]);
      assertEquals(/Connected to X/.test(gone.process.stderr), false);
      for (const member of [gone, here]) {
        await member.stop();
        await member.verifies();
      }
      const balance = await here.traptor("verify", "--fleet");
      assertEquals(balance.code, 0, balance.stdout);
    }),
});

serviceTest({
  name:
    "a machine that is lost with its disk is written off: nothing is stranded any more, and what was lost is counted",
  needs: ["redis"],
  fn: () =>
    withStranded(async (trial, gone, here) => {
      const done = await here.traptor("verify", "--fleet", "--write-off", gone.id);
      assertEquals(done.code, 0, done.stderr);
      const [, lost] = /^(\d+) records on host \S+ \([0-9a-f]{8}\) written off\n$/.exec(done.stdout)!;
      const { code, problems } = await trial.status();
      assertEquals([code, problems], [0, []]);
      const after = await here.traptor("verify", "--fleet", "--json");
      const { fleet } = JSON.parse(after.stdout);
      assertEquals(fleet.stranded, []);
      const entries = fleet.written_off.map(({ instance, waiting }: Record<string, unknown>) => [instance, waiting]);
      assertEquals(entries, [[gone.id, Number(lost)]]);
      await here.gets(5);
    }),
});
