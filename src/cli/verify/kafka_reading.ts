/**
 * Compares a topic with the journal: the receipts say from which offsets on the tweets must be there. What the topic has
 * let go of since, by its retention, cannot be compared, and is told.
 */

import type { Sqlite } from "../../base/sqlite.ts";
import type { KafkaConnection } from "../../deliver/kafka_client.ts";
import { readBack } from "../../deliver/kafka_reader.ts";
import { idsAt, type KeptReceipt, receiptsOf } from "../../journal/delivered_ids.ts";
import type { Position } from "../../model/backlog.ts";
import { isObject, type JsonValue } from "../../model/json.ts";
import { concluded, type SinkReading, type Wanted, wantedOf } from "./sink_reading.ts";

const SINK = "kafka";

/** Looks into the journal; what is read in one look is of one moment. */
export type Look = <Found>(look: (database: Sqlite) => Found) => Found;

/** Offsets of a partition that are not there any more. */
interface Removed {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** Reads the topics of the receipts back. Throws UnavailableError when Kafka cannot be read. */
export async function readKafka(look: Look, connection: KafkaConnection): Promise<SinkReading> {
  const { starts, wanted } = look((database) => {
    const starts = startsOf(receiptsOf(database, SINK));
    return { starts, wanted: wantedOf(database, SINK, starts.position) };
  });
  const topics = [...starts.topics.keys()].join(", ");
  const place = `Kafka ${connection.hosts.join(",")}${topics === "" ? "" : `, topic ${topics}`}`;
  if (starts.topics.size === 0) {
    const isComparable = wanted.ids.size === 0;
    const remarks = isComparable ? [] : ["the journal has no receipts that say where in Kafka they are"];
    return concluded(wanted, { sink: SINK, place, remarks, isComparable });
  }
  const remarks: string[] = [];
  const removed: Removed[] = [];
  for (const [topic, from] of starts.topics) {
    for await (const found of readBack(connection, { topic, from })) {
      const where = `partition ${found.partition} of ${topic}`;
      if (found.kind === "record") wanted.ids.found(found.id);
      else if (found.kind === "gone") remarks.push(`${where} is not there any more`);
      else if (found.kind === "restarted") remarks.push(`${where} was made again: it ends at offset ${found.end}`);
      else {
        removed.push({ topic, ...found });
        remarks.push(`offsets ${found.from} to ${found.to - 1n} of ${where} were removed by Kafka`);
      }
    }
  }
  const count = removed.length === 0 ? 0 : look((database) => letGo(database, removed, wanted));
  return concluded(wanted, { sink: SINK, place, removed: count, remarks });
}

/** From where on to read, by topic and partition, and the first position that the receipts tell of. */
function startsOf(receipts: Iterable<KeptReceipt>): { position: Position; topics: Map<string, Map<number, bigint>> } {
  const topics = new Map<string, Map<number, bigint>>();
  let position = Infinity;
  for (const kept of receipts) {
    position = Math.min(position, kept.first);
    for (const { topic, partition, offset } of placesIn(kept.receipt)) {
      let partitions = topics.get(topic);
      if (!partitions) topics.set(topic, partitions = new Map());
      const lowest = partitions.get(partition);
      if (lowest === undefined || offset < lowest) partitions.set(partition, offset);
    }
  }
  return { position: topics.size === 0 ? 0 : position, topics };
}

/** `{"topic": "traptor", "offsets": {"0": "1234"}}`: the first offset of a batch in each partition. */
function placesIn(receipt: JsonValue): { topic: string; partition: number; offset: bigint }[] {
  if (!isObject(receipt) || typeof receipt["topic"] !== "string" || !isObject(receipt["offsets"])) return [];
  const { topic, offsets } = receipt;
  return Object.entries(offsets).map(([partition, offset]) => ({
    topic,
    partition: Number(partition),
    offset: BigInt(String(offset)),
  }));
}

/** Counts, as found, what is missing of batches that reach into removed offsets; answers how many. */
function letGo(database: Sqlite, removed: readonly Removed[], { ids }: Wanted): number {
  const batches = new Map<string, { offset: bigint; first: Position; last: Position }>();
  const touched: { first: Position; last: Position }[] = [];
  const end = (place: string, to: bigint | undefined) => {
    const batch = batches.get(place);
    if (!batch) return;
    const isTouched = removed.some((range) =>
      place === `${range.partition} ${range.topic}` && batch.offset < range.to && (to === undefined || to > range.from)
    );
    if (isTouched) touched.push(batch);
  };
  for (const { first, last, receipt } of receiptsOf(database, SINK)) {
    for (const { topic, partition, offset } of placesIn(receipt)) {
      const place = `${partition} ${topic}`;
      end(place, offset);
      batches.set(place, { offset, first, last });
    }
  }
  for (const place of batches.keys()) end(place, undefined);
  let count = 0;
  for (const { first, last } of touched) {
    for (const id of idsAt(database, first, last)) {
      if (!ids.isMissing(id)) continue;
      ids.found(id);
      count++;
    }
  }
  return count;
}
