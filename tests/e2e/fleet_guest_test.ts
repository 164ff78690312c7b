/** `traptor --test` beside collectors with the same token: a look must not cost anybody the connection. */

import { assertEquals, assertMatch } from "@std/assert";
import { type FleetMember, FleetTrial } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";
import { type Running, startTraptor } from "../support/traptor.ts";

function look({ redis, simulator }: FleetTrial, ...args: readonly string[]): Running {
  return startTraptor(["--test", "--api-url", simulator.url, "--redis-port", String(redis.port), ...args], {
    env: { BEARER_TOKEN: simulator.token },
  });
}

serviceTest({
  name: "--test beside a collector with the same token ends with 75 and two lines, and asks X for nothing",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const [first, second] = await trial.members(2) as [FleetMember, FleetMember];
    await first.gets(10);
    const requests = trial.simulator.requests().length;
    await using guest = look(trial, "--limit", "1");
    const { code, stderr, stdout } = await guest.ended;
    assertEquals([code, stdout], [75, ""], stderr);
    const lines = stderr.trimEnd().split("\n").filter((line) =>
      !/^(\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d\S* INFO/.test(line)
    );
    assertEquals(lines.length, 2, stderr);
    assertMatch(lines[0]!, new RegExp(`^Cannot show tweets: .* held by the instance ${first.id} on \\S+$`));
    assertMatch(lines[1]!, /traptor status/);
    assertEquals(trial.simulator.requests().length, requests);
    assertEquals(Object.keys(await trial.hash("traptor:instances")).length, 2, "nobody counts on a guest");

    // Nor where the standby follows meanwhile.
    await first.stop();
    await second.collects();
    await using other = look(trial, "--limit", "1");
    assertEquals((await other.ended).code, 75);
    await second.gets(10);
    assertEquals(trial.simulator.connections().length, 2);
  },
});

serviceTest({
  name: "--test shows tweets where nobody collects, and a collector that comes waits until the look is over",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    await using guest = look(trial);
    await guest.says(/Connected to X/);
    const member = trial.member();
    await member.standsBy();
    assertEquals((await guest.end()).code, 0);
    await member.collects();
    await member.gets(10);
    await member.stop();
    await member.verifies();
  },
});
