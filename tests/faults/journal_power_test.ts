/**
 * The journal after a power cut at any moment: the files as the disk has them then, with only what was fsynced for
 * sure. `TEST_POWER_CUTS=N` tries more of them, `TEST_SEED=N` plays a run again.
 */

import { assert } from "@std/assert";
import { checkAfterTear } from "../support/power_cut_check.ts";
import { recordLife } from "../support/power_cut_record.ts";
import { tryPowerCuts } from "../support/power_cuts.ts";
import { withChance } from "../support/seeded.ts";
import { serviceTest } from "../support/services.ts";

const CUTS = Number(Deno.env.get("TEST_POWER_CUTS") ?? 100);
/** So many find out a journal that fsyncs less. */
const CUTS_OF_LESS = 60;

serviceTest({
  name: "a power cut takes nothing that was promised to be on disk, and the journal needs no saving",
  needs: ["strace"],
  async fn() {
    await withChance(async (chance) => {
      const record = await recordLife({ chance, processes: 4, steps: 60 });
      const { failures, lossy } = await tryPowerCuts(record, CUTS, chance);
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${CUTS} power cuts`);
      assert(lossy >= CUTS / 20, `only ${lossy} of ${CUTS} power cuts took anything`);
    });
  },
});

for (const synchronous of ["OFF", "NORMAL"]) {
  serviceTest({
    name: `a journal that fsyncs less (synchronous=${synchronous}) is found out by power cuts`,
    needs: ["strace"],
    async fn() {
      await withChance(async (chance) => {
        const record = await recordLife({ chance, processes: 1, steps: 60, synchronous });
        const { failures } = await tryPowerCuts(record, CUTS_OF_LESS, chance);
        assert(failures.length > 0, "no power cut took what was promised");
      });
    },
  });
}

serviceTest({
  name: "after a power cut on a disk that lies about fsync, what can be read is saved, and the counts say what is lost",
  needs: ["strace"],
  async fn() {
    await withChance(async (chance) => {
      const record = await recordLife({ chance, processes: 1, steps: 60, synchronous: "OFF" });
      const { failures } = await tryPowerCuts(record, CUTS, chance, checkAfterTear);
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${CUTS} power cuts`);
    });
  },
});
