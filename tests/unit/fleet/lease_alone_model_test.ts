/** A lone instance without Redis and a newcomer, explored: never both may begin a request, and each guard is needed. */

import { assert, assertEquals } from "@std/assert";
import { explore } from "../../support/explore.ts";
import { aloneModel } from "../../support/lease_alone_model.ts";
import { GUARDS, NEEDED_ALONE, without } from "../../support/lease_guards.ts";

/** Deeper than the longest way to anything wrong without one of the guards. */
const DEPTH = 24;

Deno.test("a lone instance that goes on without Redis and a newcomer never both may begin a request", () => {
  const found = explore(aloneModel(), { depth: DEPTH });
  assertEquals(found.counterexample, undefined);
  assertEquals(found.depth, DEPTH);
});

for (const guard of NEEDED_ALONE) {
  Deno.test(`it breaks for a lone instance without this: ${GUARDS[guard]}`, () => {
    const found = explore(aloneModel(without(guard)), { depth: DEPTH });
    assert(found.counterexample?.includes("WRONG"), `nothing found in ${found.states} states`);
    console.log(`a lone instance without "${GUARDS[guard]}":\n${found.counterexample}`);
  });
}
