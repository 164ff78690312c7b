/** `traptor verify --fleet`, as people use it, with journals and a Redis that are real. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { appOf } from "../../src/collector/credentials.ts";
import { FleetMachine } from "../support/fleet_machine.ts";
import { freePort } from "../support/free_port.ts";
import { writeGapOf } from "../support/gap_register.ts";
import { redisAnswer } from "../support/redis_answer.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { runTraptor } from "../support/traptor.ts";

const TOKEN = "AAAAAAAAAAAAAAAAAAAAAverifyfleet";
const [HERE, GONE] = ["aaaaaaa1", "bbbbbbb2"] as const;

/** Two machines: this one, and one that went away with two tweets in its journal. */
async function withMachines(
  body: (
    here: FleetMachine,
    gone: FleetMachine,
    verify: (...args: string[]) => ReturnType<typeof runTraptor>,
  ) => Promise<void>,
): Promise<void> {
  const { port } = await sharedRedis();
  await redisAnswer(port, "FLUSHALL");
  const shared = { port, app: await appOf(TOKEN), now: Date.now() };
  using here = new FleetMachine({ ...shared, instance: HERE });
  using gone = new FleetMachine({ ...shared, instance: GONE });
  await Deno.writeTextFile(`${here.file.directory}/instance`, `${HERE}\n`);
  here.file.accept(1, 5);
  here.file.deliver("file");
  gone.file.accept(1, 3);
  gone.file.deliver("file");
  gone.file.accept(4, 5);
  writeGapOf(gone.file, { began: -90_000, ended: -60_000 });
  await here.look();
  await gone.look();
  await here.report("holder", -10_000);
  await gone.report("standby", 3_600_000, { waiting: 2, waiting_since: shared.now - 7_200_000 });
  const place = ["--state-dir", here.file.directory, "--redis-port", String(port)];
  await body(here, gone, (...args) => runTraptor(["verify", ...place, ...args], { env: { BEARER_TOKEN: TOKEN } }));
}

serviceTest({
  name: "verify says whose journal it read, and with --fleet what all have and what is stranded",
  needs: ["redis"],
  fn: () =>
    withMachines(async (here, _gone, verify) => {
      const alone = await verify();
      assertEquals(alone.code, 0, alone.stderr);
      const journal = `This is the journal of ${Deno.hostname()} (${HERE}) in ${here.file.path}, `;
      assertStringIncludes(alone.stdout, journal);

      const { code, stderr, stdout } = await verify("--fleet");
      assertEquals(code, 1, stderr);
      assertStringIncludes(stdout, journal);
      assertMatch(
        stdout,
        /^host +instance +state +last told +received +accepted +into file +waiting +gaps open +seconds$/m,
      );
      assertMatch(stdout, /^host-a +aaaaaaa1 +holder +\d{4}-\S+ \S+ +5 +5 +5 +0 +0 +0$/m);
      assertMatch(stdout, /^host-b +bbbbbbb2 +gone +\d{4}-\S+ \S+ +5 +5 +3 +2 +1 +30$/m);
      assertMatch(stdout, /^all +10 +10 +8 +2 +1 +30$/m);
      assertMatch(
        stdout,
        /^2 records stranded on host host-b \(bbbbbbb2\) since \S+ \S+: .*`traptor verify --fleet --write-off bbbbbbb2`$/m,
      );
      assertStringIncludes(stdout, "The fleet does not balance: 2 stranded\n");
    }),
});

serviceTest({
  name: "what was on a lost machine is written off by name, not while it lives, and counted as that until it is back",
  needs: ["redis"],
  fn: () =>
    withMachines(async (_here, gone, verify) => {
      const live = await verify("--fleet", "--write-off", HERE);
      assertEquals(live.code, 64);
      assertMatch(live.stderr, /^Cannot write off aaaaaaa1: it is running on host-a\n.*\n$/);
      const unknown = await verify("--fleet", "--write-off", "0123abcd");
      assertEquals(unknown.code, 64);
      assertMatch(unknown.stderr, /^Cannot write off 0123abcd: no instance .*\n.*: bbbbbbb2\n$/);

      const done = await verify("--fleet", "--write-off", GONE);
      assertEquals([done.code, done.stdout], [0, "2 records on host host-b (bbbbbbb2) written off\n"], done.stderr);
      const after = await verify("--fleet", "--json");
      assertEquals(after.code, 0, after.stderr);
      const { fleet, host, instance } = JSON.parse(after.stdout);
      assertEquals([host, instance], [Deno.hostname(), HERE]);
      assertEquals(fleet.written_off.map(({ instance, waiting }: Record<string, unknown>) => [instance, waiting]), [
        [GONE, 2],
      ]);
      assertEquals([fleet.balances, fleet.stranded, fleet.all.waiting], [true, [], 0]);

      await gone.report("standby", -10_000, { waiting: 2 });
      const back = JSON.parse((await verify("--fleet", "--json")).stdout).fleet;
      assertEquals([back.written_off, back.all.waiting, back.balances], [[], 2, true]);
    }),
});

serviceTest({
  name: "totals in Redis that do not add up are named, and end with 1",
  needs: ["redis"],
  fn: () =>
    withMachines(async (here, gone, verify) => {
      await gone.report("standby", -10_000, { waiting: 2 });
      assertEquals((await verify("--fleet")).code, 0);
      const hours = await here.hash("hours");
      const { port } = await sharedRedis();
      const total = { ...hours[`${HERE}:total`] as object, repeated: 1 };
      await redisAnswer(port, "HSET", `traptor:hours:${here.app}`, `${HERE}:total`, JSON.stringify(total));
      const { code, stdout } = await verify("--fleet");
      assertEquals(code, 1);
      assertStringIncludes(
        stdout,
        "host-a (aaaaaaa1), all hours: 5 received, but 6 accepted, repeated or dropped\n" +
          "\nThe fleet does not balance: 1 difference\n",
      );
    }),
});

serviceTest({
  name: "where there is no fleet, or Redis is away, two lines say so",
  needs: ["redis"],
  fn: () =>
    withMachines(async (_here, _gone, verify) => {
      const file = await verify("--fleet", "--rules", "file:rules.json");
      assertEquals([file.code, file.stdout], [78, ""]);
      assertMatch(file.stderr, /^Cannot look at the fleet: the rules are in a file, .*\n.*\n$/);
      const away = await verify("--fleet", "--json", "--redis-port", String(freePort()));
      assertEquals([away.code, away.stdout], [69, ""]);
      assertMatch(away.stderr, /^Cannot look at the fleet: .*\n.*--redis-url.*\n$/);
      const alone = await verify("--write-off", GONE);
      assertEquals(alone.code, 64);
      assertMatch(alone.stderr, /^Cannot write an instance off without --fleet\n.*\n$/);
    }),
});
