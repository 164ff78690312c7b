import { assertEquals } from "@std/assert";
import type { AliveRecord } from "../../../src/fleet/alive_record.ts";
import { AliveRecords } from "../../../src/fleet/alive_records.ts";

function record(told: Partial<AliveRecord>): AliveRecord {
  return {
    ...{ instance: "a", process: "p", host: "h", generation: 1, at: 1_000, up: true, tweetId: "1" },
    ...{ connection: "x", grantedAt: 500, released: false, ...told },
  };
}

Deno.test("whoever gets the second connection begins where the newest account ends, with the connection of its own place", () => {
  const records = new AliveRecords();
  records.note(
    new Map([
      [1, record({ instance: "a", at: 9_000, connection: "first" })],
      [2, record({ instance: "b", at: 3_000, connection: "second" })],
    ]),
  );
  const { at, connection, instance, released } = records.before(2)!;
  assertEquals({ at, connection, instance, released }, {
    at: 9_000,
    connection: "second",
    instance: "a",
    released: false,
  });
});

Deno.test("a connection that another holder reads by now is none that is left behind", () => {
  const records = new AliveRecords();
  const moved = record({ instance: "b", generation: 2, at: 9_000, connection: "moved" });
  records.note(new Map([[1, moved], [2, { ...moved, generation: 1, at: 8_000 }]]));
  assertEquals(records.before(2)!.connection, "");
  assertEquals(records.before(1), moved);
});
