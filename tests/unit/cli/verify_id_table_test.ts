import { assertEquals } from "@std/assert";
import { IdTable } from "../../../src/cli/verify/id_table.ts";
import { withChance } from "../../support/seeded.ts";

Deno.test("ids are found, missed and counted, whatever they look like", () => {
  const table = new IdTable();
  const ids = [
    "1",
    "18446744073709551615",
    "9999999999999999999",
    "1790000000000000001",
    "4294967296",
    "0",
    "007",
    "x",
  ];
  ids.forEach((id, at) => table.add(id, at * 1_000));
  assertEquals(table.size, ids.length);
  assertEquals([...table.ids()].sort(), ids.toSorted());
  for (const id of ["1", "x", "x", "007", "4294967296", "4294967296", "8589934592", "7", "nobody"]) table.found(id);
  assertEquals([...table.missing()].sort((a, b) => a.acceptedAt - b.acceptedAt), [
    { id: "18446744073709551615", acceptedAt: 1_000 },
    { id: "9999999999999999999", acceptedAt: 2_000 },
    { id: "1790000000000000001", acceptedAt: 3_000 },
    { id: "0", acceptedAt: 5_000 },
  ]);
  assertEquals(table.repeated, 2);
  assertEquals(["1", "0", "7", "x"].map((id) => table.isMissing(id)), [false, true, false, false]);
});

Deno.test("a table agrees with a set of strings, for 50,000 ids as X makes them", async () => {
  await withChance((random) => {
    const table = new IdTable();
    const missing = new Set<string>();
    for (let at = 0; at < 50_000; at++) {
      const id = String((1_790_000_000_000n + BigInt(at) << 22n) + BigInt(Math.floor(random() * 4)));
      table.add(id, 0);
      missing.add(id);
    }
    for (const id of [...missing]) {
      if (random() < 0.01) continue;
      table.found(id);
      missing.delete(id);
    }
    assertEquals(new Set([...table.missing()].map(({ id }) => id)), missing);
    assertEquals(table.repeated, 0);
  });
});
