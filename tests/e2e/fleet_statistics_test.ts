/** How often rules match, in Redis, over one holder and the next. */

import { assert, assertEquals } from "@std/assert";
import { type FleetMember, FleetTrial } from "../support/fleet_trial.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

serviceTest({
  name: "matches by rule are in Redis while collecting, and whoever follows counts on",
  needs: ["redis"],
  async fn() {
    await using trial = await FleetTrial.start();
    const [first, second] = await trial.members(2) as [FleetMember, FleetMember];
    const key = `traptor:stats:${await trial.app()}:track:0`;
    const rows = async () => Object.values(await trial.hash(key)).map((text) => JSON.parse(text));
    const total = async () => (await rows()).reduce((sum, { total }) => sum + (total ?? 0), 0);
    await waitUntil(async () => await total() > 0, { what: "they are written by timer", withinMs: 20_000 });
    await first.stop();
    await second.collects();
    const handedOverAt = Date.now();
    const before = await total();
    assertEquals(before, (await first.lines()).length, "an orderly end writes all of them");
    await second.gets(20);
    await second.stop();
    const after = await total();
    assertEquals(after, before + (await second.lines()).length);
    const [row, ...others] = await rows();
    assertEquals([row.value, row.limited, others], ["deno", 0, []]);
    assert(Date.parse(row.last_at) >= handedOverAt, JSON.stringify(row));
  },
});
