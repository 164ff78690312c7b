/**
 * Random sequences of faults, with kills and stops of the collector between them: at the end every tweet that X sent on
 * an open connection or holds in its search is in the files, or a gap says why not. `TEST_SEQUENCES=N` plays more of
 * them, `TEST_SEED=N` a run again; `deno task sequences` plays many, with the executable.
 */

import { seedOfRun } from "../support/seeded.ts";
import { playSequence } from "./stream_sequence.ts";

const SEQUENCES = Number(Deno.env.get("TEST_SEQUENCES") ?? 2);

const first = seedOfRun();
for (let sequence = 0; sequence < SEQUENCES; sequence++) {
  const seed = (first + sequence) >>> 0;
  Deno.test(`faults by chance, ${sequence + 1} of ${SEQUENCES}: what X has is in the files, or in a gap`, async () => {
    const { failure } = await playSequence({ seed });
    if (failure) throw new Error(`TEST_SEED=${seed} TEST_SEQUENCES=1 plays it again`, { cause: failure });
  });
}
