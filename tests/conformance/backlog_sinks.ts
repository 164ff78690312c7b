/** What every backlog has to do with several sinks, their acknowledgements, and ids that come again. Part of `backlog.ts`. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { BacklogEntry } from "../../src/model/backlog.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { accept, acknowledge, ALL, fill, idsAfter, isOver, take } from "../support/backlog_steps.ts";
import { COFFEE_RULE, DENO_RULE } from "../support/journal_file.ts";
import { recordOf } from "../support/records.ts";
import type { Part } from "./backlog_stand.ts";

/** Longer than any backlog takes to look for room again. */
const LONG_ENOUGH_MS = 5_000;

/** Runs these parts of the suite. */
export async function checkSinksOfBacklog(part: Part): Promise<void> {
  await part(
    "a record leaves when every sink has acknowledged it; a slow sink holds up no other",
    ["fast", "slow"],
    (stand) => {
      const { backlog } = stand;
      const size = recordOf(1).value.length;
      accept(backlog, 1, 5);
      take(backlog, "fast", 5);
      assertEquals([idsAfter(backlog, "fast", 5), idsAfter(backlog, "slow", 0)], [[], ["1", "2", "3", "4", "5"]]);
      backlog.settle();
      assertEquals(backlog.waiting, { records: 5, bytes: 5 * size });
      take(backlog, "slow", 2);
      backlog.settle();
      assertEquals(backlog.waiting, { records: 3, bytes: 3 * size });
      assertEquals([backlog.positionOf("fast"), backlog.positionOf("slow")], [5, 2]);
      accept(backlog, 6, 6);
      assertEquals([take(backlog, "fast", 9), take(backlog, "slow", 9)], [["6"], ["3", "4", "5", "6"]]);
      backlog.settle();
      assertEquals(backlog.waiting, { records: 0, bytes: 0 });
      accept(backlog, 7, 7);
      assertEquals(
        backlog.read("slow", 6, ALL).map(({ position }) => position),
        [7],
        "positions go on over what has left",
      );
    },
  );

  await part("a batch is the same until it is acknowledged, and may be read ahead of that", ["a"], (stand) => {
    const { backlog } = stand;
    accept(backlog, 1, 6);
    const limits = { ...ALL, records: 2 };
    const [first, second] = [backlog.read("a", 0, limits), backlog.read("a", 2, limits)];
    assertEquals(backlog.read("a", 0, limits), first);
    acknowledge(backlog, "a", first);
    assertEquals([backlog.positionOf("a"), backlog.read("a", 2, limits)], [2, second]);
    acknowledge(backlog, "a", second);
    assertEquals([backlog.positionOf("a"), idsAfter(backlog, "a", 4)], [4, ["5", "6"]]);
  });

  await part("positions go neither back nor beyond what there is, and a sink must be known", ["a"], async (stand) => {
    const { backlog } = stand;
    accept(backlog, 1, 3);
    const [first, second, third] = backlog.read("a", 0, ALL) as [BacklogEntry, BacklogEntry, BacklogEntry];
    acknowledge(backlog, "a", [first, second]);
    assertThrows(() => acknowledge(backlog, "a", [first]), RangeError, "it is at 2 of 3");
    assertThrows(() => acknowledge(backlog, "a", [third, { ...third, position: 4 }]), RangeError, "it is at 2 of 3");
    assertEquals([backlog.positionOf("a"), idsAfter(backlog, "a", 2)], [2, ["3"]]);
    assertThrows(() => backlog.positionOf("b"), RangeError, "knows no sink b");
    assertThrows(() => backlog.read("b", 0, ALL), RangeError, "knows no sink b");
    assertThrows(() => acknowledge(backlog, "b", [third]), RangeError, "knows no sink b");
    assertThrows(() => backlog.leave("b"), RangeError, "knows no sink b");
    await assertRejects(() => backlog.more("b", 0), RangeError, "knows no sink b");
  });

  await part("an acknowledgement of nothing changes nothing", ["a"], (stand) => {
    const { backlog } = stand;
    accept(backlog, 1, 2);
    acknowledge(backlog, "a", []);
    backlog.settle();
    assertEquals([backlog.positionOf("a"), backlog.waiting.records], [0, 2]);
  });

  await part("what a sink refuses waits for it no longer, and for the others as before", ["a", "b"], (stand) => {
    const { backlog } = stand;
    accept(backlog, 1, 4);
    const entries = backlog.read("a", 0, ALL);
    backlog.acknowledge("a", { entries, refused: new Map([[1, "too large"], [4, "no JSON"]]) });
    backlog.settle();
    assertEquals([backlog.positionOf("a"), idsAfter(backlog, "a", 4), backlog.waiting.records], [4, [], 4]);
    assertEquals(take(backlog, "b", 9), ["1", "2", "3", "4"]);
    backlog.settle();
    assertEquals(backlog.waiting, { records: 0, bytes: 0 });
  });

  await part("a receipt may be any JSON, and changes nothing of what waits", ["a"], (stand) => {
    const { backlog } = stand;
    const receipts: JsonValue[] = [null, 0, "", [], { topic: "traptor", partitions: [[0, "12345678901234567890", 3]] }];
    accept(backlog, 1, receipts.length);
    for (const receipt of receipts) {
      const entries = backlog.read("a", backlog.positionOf("a"), { ...ALL, records: 1 });
      backlog.acknowledge("a", { entries, refused: new Map(), receipt });
      backlog.settle();
    }
    assertEquals(backlog.waiting, { records: 0, bytes: 0 });
  });

  await part(
    "a sink that leaves is waited for no longer, gets nothing more, and what it missed is told",
    ["a", "b"],
    async (stand) => {
      const { backlog } = stand;
      accept(backlog, 1, 3);
      take(backlog, "a", 3);
      take(backlog, "b", 1);
      backlog.accept(recordOf(4), [DENO_RULE]);
      const more = backlog.more("b", 4);
      assertEquals(backlog.leave("b"), 3, "the one that was taken in just before is among them");
      assertEquals(backlog.leave("b"), 0);
      accept(backlog, 5, 6);
      assert(backlog.positionOf("b") >= 6, "it has all that is for it");
      assertEquals(idsAfter(backlog, "b", backlog.positionOf("b")), []);
      assertEquals(take(backlog, "a", 9), ["4", "5", "6"]);
      backlog.settle();
      assertEquals(backlog.waiting, { records: 0, bytes: 0 });
      accept(backlog, 7, 7);
      const later = backlog.more("b", backlog.positionOf("b"));
      assertEquals([await isOver(more), await isOver(later)], [false, false], "nothing more comes for it");
      backlog.close();
      assertEquals([await isOver(more), await isOver(later)], [true, true]);
    },
  );

  await part(
    "when the last sink has left nothing waits, and what comes then does not pile up",
    ["a"],
    async (stand) => {
      const { backlog } = stand;
      const taken = fill(backlog);
      const room = backlog.room();
      assertEquals(backlog.leave("a"), taken);
      await stand.clock.advance(LONG_ENOUGH_MS);
      assertEquals([backlog.waiting, await isOver(room)], [{ records: 0, bytes: 0 }, true]);
      for (let round = 0; round < 3; round++) {
        assertEquals(backlog.accept(recordOf(`more ${round}`, "x".repeat(800_000)), []), true);
        backlog.settle();
      }
      assert(backlog.waiting.records <= 1, "what came before the last has left");
    },
  );

  await part(
    "an id is known from its acceptance on, waiting or delivered; one that was only counted is not",
    ["a"],
    (stand) => {
      const { backlog } = stand;
      const known = () => ["1", "2"].map((id) => backlog.hasSeen(id));
      backlog.accept(recordOf(1), [DENO_RULE]);
      assertEquals(known(), [true, false]);
      backlog.count([DENO_RULE], { outcome: "repeated" });
      backlog.count([], { outcome: "dropped", reason: "no_rule" });
      backlog.settle();
      assertEquals(known(), [true, false]);
      assertEquals(backlog.waiting.records, 1, "counting takes nothing in");
      take(backlog, "a", 1);
      backlog.settle();
      assertEquals(known(), [true, false]);
    },
  );

  await part("an id that is accepted again is a record of its own", ["a"], (stand) => {
    const { backlog } = stand;
    for (const text of ["first", "second"]) backlog.accept(recordOf(1, text), [DENO_RULE]);
    backlog.settle();
    backlog.accept(recordOf(1, "third"), [COFFEE_RULE]);
    backlog.settle();
    assertEquals(backlog.waiting.records, 3);
    const texts = backlog.read("a", 0, ALL).map(({ record }) =>
      JSON.parse(new TextDecoder().decode(record.value)).data.text
    );
    assertEquals(texts, ["first", "second", "third"]);
    assertEquals(backlog.hasSeen("1"), true);
  });
}
