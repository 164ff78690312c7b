/** A Kafka sink of the tests' own with what it says on its way, and records for it. */

import { TransientError } from "../../src/base/errors.ts";
import { Events } from "../../src/base/events.ts";
import { KafkaSink, type KafkaSinkOptions } from "../../src/deliver/kafka_sink.ts";
import type { Written } from "../../src/deliver/sink.ts";
import type { TweetRecord } from "../../src/model/record.ts";
import { recordOf } from "../support/records.ts";

/** A topic's name that no other test has. */
export function newTopic(what: string): string {
  return `${what}-${crypto.randomUUID().slice(0, 8)}`;
}

/** A record whose value gains nothing by compression. */
export function noisyRecord(id: number, bytes: number): TweetRecord {
  let text = "";
  while (text.length < bytes) text += crypto.randomUUID().replaceAll("-", "");
  // Hexadecimal digits compress to half: what counts is that it stays far above a limit, or far below.
  return recordOf(id, text.slice(0, bytes));
}

export interface KafkaStand extends AsyncDisposable {
  readonly sink: KafkaSink;
  /** What kafkajs complained about. */
  readonly complaints: string[];
  /** Writes until it succeeds, as the outbox does, without its waits; the words of the failures on the way. */
  persist(batch: readonly TweetRecord[]): Promise<{ written: Written; failures: string[] }>;
}

/** A sink on a topic; use it with `await using`. */
export function standOf(options: Omit<KafkaSinkOptions, "clientId" | "events"> & { clientId?: string }): KafkaStand {
  const events = new Events();
  const complaints: string[] = [];
  events.listen(({ name, fields }) => {
    if (name === "vendor_line") complaints.push((fields as { text: string }).text);
  });
  const sink = new KafkaSink({ clientId: "traptor-test", ...options, events });
  return {
    sink,
    complaints,
    async persist(batch) {
      const failures: string[] = [];
      const end = performance.now() + 60_000;
      while (true) {
        try {
          return { written: await sink.write(batch), failures };
        } catch (error) {
          if (!(error instanceof TransientError) || performance.now() > end) throw error;
          failures.push(error.message);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    },
    [Symbol.asyncDispose]: () => sink.close(),
  };
}
