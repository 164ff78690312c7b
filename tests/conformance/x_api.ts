/**
 * What every implementation of the seam to X's rules does: the real one over the library, and the fake that unit tests
 * use, so that the fake cannot lie.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { XApi } from "../../src/stream/x_api.ts";

/** An implementation, set up so that X holds no rules and allows 5; `invalid` is a value that it refuses. */
export interface XApiUnderTest extends AsyncDisposable {
  readonly api: XApi;
  readonly invalid: string;
}

const signal = new AbortController().signal;

/** Registers the suite. */
export function xApiSuite(name: string, setUp: () => Promise<XApiUnderTest>): void {
  Deno.test(`${name}: rules are added, listed with their tags, counted and deleted`, async () => {
    await using x = await setUp();
    const { added, existing, refused, untried, capReached } = await x.api.addRules(
      [{ value: "deno", tag: "one" }, { value: "coffee", tag: "two" }],
      signal,
    );
    assertEquals(added.map(({ value, tag }) => [value, tag]), [["deno", "one"], ["coffee", "two"]]);
    assertEquals({ existing, refused, untried, capReached }, {
      existing: [],
      refused: [],
      untried: [],
      capReached: false,
    });
    for (const { id } of added) assert(/^\d{17,19}$/.test(id), `${id} is a string of digits`);
    assertEquals(await x.api.rules(signal), added);
    assertEquals(await x.api.ruleCounts(signal), { capPerProject: 5, heldByProject: 2 });
    await x.api.deleteRules([added[0]!.id], signal);
    assertEquals(await x.api.rules(signal), [added[1]!]);
  });

  Deno.test(`${name}: no rules are an empty list, and deleting what is gone is no failure`, async () => {
    await using x = await setUp();
    assertEquals(await x.api.rules(signal), []);
    await x.api.deleteRules(["1600000000000000099"], signal);
  });

  Deno.test(`${name}: a value that X holds already comes back with X's id, and the others are added`, async () => {
    await using x = await setUp();
    const [first] = (await x.api.addRules([{ value: "deno", tag: "one" }], signal)).added;
    const again = await x.api.addRules([{ value: "deno", tag: "other" }, { value: "coffee", tag: "two" }], signal);
    assertEquals(again.existing.map(({ id, value }) => ({ id, value })), [{ id: first!.id, value: "deno" }]);
    assertEquals(again.added.map(({ value }) => value), ["coffee"]);
  });

  Deno.test(`${name}: of a batch with an invalid rule none is added, and the valid ones are named as untried`, async () => {
    await using x = await setUp();
    const answer = await x.api.addRules([{ value: "deno", tag: "one" }, { value: x.invalid, tag: "bad" }], signal);
    assertEquals(answer.added, []);
    assertEquals(answer.refused.map(({ value }) => value), [x.invalid]);
    assert(answer.refused[0]!.reason.length > 0);
    assertEquals(answer.untried.map(({ value, tag }) => ({ value, tag })), [{ value: "deno", tag: "one" }]);
    assertEquals(await x.api.rules(signal), []);
  });

  Deno.test(`${name}: a trial says what would become of rules, and changes nothing`, async () => {
    await using x = await setUp();
    const isTrial = true;
    const valid = { value: "deno", tag: "one" };
    const refused = await x.api.addRules([valid, { value: x.invalid, tag: "bad" }], signal, { isTrial });
    assertEquals(refused.refused.map(({ value }) => value), [x.invalid]);
    assertEquals(refused.untried.map(({ value, tag }) => ({ value, tag })), [valid]);
    const taken = await x.api.addRules([valid], signal, { isTrial });
    assertEquals({ refused: taken.refused, untried: taken.untried }, { refused: [], untried: [] });
    assertEquals(await x.api.rules(signal), []);
  });

  Deno.test(`${name}: beyond the cap nothing of a batch is added, and that is told`, async () => {
    await using x = await setUp();
    const batch = Array.from({ length: 6 }, (_, at) => ({ value: `word${at}`, tag: `tag${at}` }));
    const answer = await x.api.addRules(batch, signal);
    assertEquals({ capReached: answer.capReached, untried: answer.untried.length }, { capReached: true, untried: 6 });
    assertEquals(await x.api.rules(signal), []);
  });
}
