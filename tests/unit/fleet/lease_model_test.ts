/** The lease, explored: no two processes may begin a request in any state, and each guard is there for a reason. */

import { assert, assertEquals } from "@std/assert";
import { explore } from "../../support/explore.ts";
import { type Guard, GUARDS, NEEDED_ALONE, without } from "../../support/lease_guards.ts";
import { leaseModel } from "../../support/lease_model.ts";

/** Far enough to be granted, to wait for a deadline, to be hurt, and for another to be granted. */
const DEPTH = 12;

Deno.test("three processes: within twelve steps with two faults of any kind no two may begin a request", () => {
  const found = explore(leaseModel({ processes: 3, faults: 2 }), { depth: DEPTH });
  assertEquals(found.counterexample, undefined);
  assertEquals(found.depth, DEPTH);
});

Deno.test("three processes: within nine steps with any number of faults no two may begin a request", () => {
  const found = explore(leaseModel({ processes: 3 }), { depth: 9 });
  assertEquals(found.counterexample, undefined);
  assertEquals(found.depth, 9);
});

Deno.test("two processes, however long they go on with one fault of any kind, never both may begin a request", () => {
  const found = explore(leaseModel({ processes: 2, faults: 1 }));
  assertEquals(found.counterexample, undefined);
  assert(found.isWhole);
});

/** Each with how many faults it takes until it is missed. */
const NEEDED: Partial<Record<Guard, number>> = {
  ownerAtAcquire: 0,
  generationAtRelease: 0,
  epochWait: 1,
  runInEpoch: 1,
  timeInGeneration: 2,
  deadlineFromSending: 0,
  deadline: 0,
  monotonicDeadline: 1,
  wallDeadline: 1,
  clockJump: 4,
  answersBeforeRelease: 0,
  stopsBeforeRelease: 0,
};

for (const [guard, faults] of Object.entries(NEEDED) as [Guard, number][]) {
  Deno.test(`it breaks without this: ${GUARDS[guard]}`, () => {
    const found = explore(leaseModel({ processes: 2, faults, guards: without(guard) }), { depth: 14 });
    assert(found.counterexample?.includes("WRONG"), `nothing found in ${found.states} states`);
    console.log(`without "${GUARDS[guard]}":\n${found.counterexample}`);
  });
}

/** What stands behind another guard: alone it is not missed. */
const SECOND_LINES: readonly Guard[] = ["ownerAtRenew", "generationAtRenew", "ownerAtRelease", "dropsWhenLost"];

Deno.test("four guards stand behind others: without one of them nothing breaks within eleven steps", () => {
  for (const guard of SECOND_LINES) {
    const found = explore(leaseModel({ processes: 2, faults: 1, guards: without(guard) }), { depth: 11 });
    assertEquals(found.counterexample, undefined, GUARDS[guard]);
  }
});

Deno.test("a renewal compares the owner or the generation: without both it breaks", () => {
  const guards = without("ownerAtRenew", "generationAtRenew");
  const found = explore(leaseModel({ processes: 2, faults: 1, guards }), { depth: 14 });
  assert(found.counterexample?.includes("WRONG"), `nothing found in ${found.states} states`);
  console.log(`without the owner and the generation at a renewal:\n${found.counterexample}`);
});

Deno.test("every guard has a test, here or beside", () => {
  const tested = [...Object.keys(NEEDED), ...SECOND_LINES, ...NEEDED_ALONE];
  assertEquals([...new Set(tested)].sort(), Object.keys(GUARDS).sort());
});
