/** Batches in parts, measured with the vendor's own encoder. */

import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import Record from "kafkajs/src/protocol/recordBatch/record/v0/index.js";
import { RecordBatch } from "kafkajs/src/protocol/recordBatch/v0/index.js";
import { partsOf } from "../../../src/deliver/kafka_parts.ts";
import type { TweetRecord } from "../../../src/model/record.ts";
import { recordOf, recordsOf } from "../../support/records.ts";
import { withChance } from "../../support/seeded.ts";

/** How many bytes the records take in Kafka's format, in one partition. */
async function encodedSize(records: readonly TweetRecord[]): Promise<number> {
  const encoded = await RecordBatch({
    compression: 0,
    firstOffset: 0,
    firstTimestamp: 0,
    maxTimestamp: 0,
    partitionLeaderEpoch: 0,
    lastOffsetDelta: records.length - 1,
    transactional: false,
    producerId: -1,
    producerEpoch: 0,
    firstSequence: 0,
    records: records.map(({ id, value, headers }, offsetDelta) =>
      Record({ offsetDelta, timestampDelta: 86_400_000, key: id, value: Buffer.from(value), headers })
    ),
  });
  return encoded.size();
}

function generated(chance: () => number): TweetRecord[] {
  return Array.from({ length: 1 + Math.floor(chance() * 60) }, (_, index) => ({
    ...recordOf(`${1_790_000_000_000_000_000n + BigInt(index)}`, "é".repeat(Math.floor(chance() ** 3 * 3_000))),
    ...chance() < 0.2 ? { headers: {} } : {},
  }));
}

Deno.test("parts hold every record once, in order, and each keeps below the limit unless it is a single record", async () => {
  await withChance(async (chance) => {
    for (let round = 0; round < 300; round++) {
      const batch = generated(chance);
      const mostBytes = Math.floor(200 + chance() * 12_000);
      const parts = partsOf(batch, mostBytes);
      assertEquals(parts.flatMap(({ records }) => records.map(({ id }) => id)), batch.map(({ id }) => id));
      for (const { from, records } of parts) {
        assertEquals(records[0], batch[from]);
        assert(records.length === 1 || await encodedSize(records) <= mostBytes, `${records.length}, ${mostBytes}`);
      }
    }
  });
});

Deno.test("a part is not cut off long before the limit", async () => {
  const batch = recordsOf(1, 1_000).map((record) => ({ ...record, value: new Uint8Array(2_000) }));
  const parts = partsOf(batch, 100_000);
  for (const { records } of parts.slice(0, -1)) assert(await encodedSize(records) > 93_000, String(records.length));
});

Deno.test("a record above the limit goes alone, between its neighbours", () => {
  const batch = [...recordsOf(1, 3), recordOf(4, "x".repeat(5_000)), ...recordsOf(5, 6)];
  const places = partsOf(batch, 2_000).map(({ from, records }) => [from, records.length]);
  assertEquals(places, [[0, 3], [3, 1], [4, 2]]);
});

Deno.test("without a limit, and below it, a batch is one part", () => {
  const batch = recordsOf(1, 100);
  assertEquals(partsOf(batch, undefined), [{ from: 0, records: batch }]);
  assertEquals(partsOf(batch, 1_048_588), [{ from: 0, records: batch }]);
});
