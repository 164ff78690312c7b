/** What a person is told after rules were stored. */

import { assertEquals } from "@std/assert";
import { slotsText, storedSummary } from "../../../../src/cli/rules/stored_summary.ts";
import { readRule } from "../../../../src/model/rule.ts";
import { RuleTable } from "../../../../src/model/rule_table.ts";
import type { RuleType } from "../../../../src/model/slot.ts";
import type { SlotChange } from "../../../../src/rules/rule_writer.ts";

const NONE = { read: 0, merged: 0, refused: 0, faulty: 0 };

function tableOf(count: number): RuleTable {
  const table = new RuleTable();
  for (let at = 0; at < count; at++) {
    const value = `word${at}`;
    table.add(readRule(value, { type: "track", id: 0 }), { value }, undefined);
  }
  return table;
}

function filled(type: RuleType, id: number, before = 0, after = 1_500): SlotChange {
  return { slot: { type, id }, before, after, added: after - before, removed: 0, changed: 0 };
}

Deno.test("only what happened is told, and large numbers can be read", () => {
  assertEquals(
    storedSummary(tableOf(2), { ...NONE, read: 2 }, undefined, 0),
    "2 rules read, 2 kept\nNothing was stored (--dry-run)\n",
  );
  assertEquals(
    storedSummary(tableOf(2), { read: 1_204, merged: 2, refused: 1_200, faulty: 1 }, [filled("track", 0)], 0),
    "1,204 rules read, 2 kept, 2 merged with equal ones, 1,200 refused\n" +
      "1 kept rule has faults that X will refuse: `traptor rules lint` names them\n" +
      "  slot     rules\n  track:0  0 -> 1,500  1,500 added\n",
  );
});

Deno.test("slots that had no rules before are told with the flags that collect them, unless that is the default", () => {
  const lastLine = (changes: SlotChange[], startId = 0) =>
    storedSummary(tableOf(1), { ...NONE, read: 1 }, changes, startId).trimEnd().split("\n").at(-1);
  assertEquals(lastLine([filled("track", 0)]), "  track:0  0 -> 1,500  1,500 added");
  assertEquals(lastLine([filled("follow", 0, 3)]), "  follow:0  3 -> 1,500  1,497 added");
  assertEquals(lastLine([filled("follow", 0)]), "Collected by `traptor --type follow`");
  assertEquals(lastLine([filled("track", 0), filled("track", 2)]), "Collected by `traptor --type track --id 0-2`");
  assertEquals(lastLine([filled("geo", 3)], 3), "Collected by `traptor --type geo --id 3`");
  assertEquals(
    lastLine([filled("track", 3), filled("geo", 4)], 3),
    "Collected by `traptor --type track,geo --id 3-4`",
  );
});

Deno.test("of many slots the first are listed; none at all is said in words", () => {
  assertEquals(slotsText([]), "Nothing changed: the slots hold these rules already\n");
  const lines = slotsText(Array.from({ length: 25 }, (_, id) => filled("follow", id))).trimEnd().split("\n");
  assertEquals([lines.length, lines.at(-1)], [22, "  and 5 more slots"]);
});
