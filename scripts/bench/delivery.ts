/**
 * Delivery with the journal on: how long a tweet takes to Kafka at a steady rate, and how fast a large backlog is
 * delivered while new tweets come. The executable, the simulator and a real broker share the machine.
 *
 * @module
 */
import { systemClock } from "../../src/base/clock.ts";
import { Events } from "../../src/base/events.ts";
import { openJournal } from "../../src/journal/open_journal.ts";
import type { TweetRecord } from "../../src/model/record.ts";
import { readRule } from "../../src/model/rule.ts";
import { freePort } from "../../tests/support/free_port.ts";
import { type KafkaBroker, startKafka } from "../../tests/support/kafka.ts";
import { kafkaAbsence } from "../../tests/support/kafka_jars.ts";
import { megabytes, residentBytes } from "./measures.ts";
import { startedCollector, startedSimulator } from "./processes.ts";
import type { Row } from "./row.ts";

const STEADY_RATE = 1_000;
const BACKLOG = 2_000_000;
const RECORD_BYTES = 2_000;

/** How long a tweet takes at a steady rate. */
export async function steadyToKafka(executable: string, seconds: number): Promise<Row[]> {
  const what = `from acceptance to Kafka's acknowledgement at ${STEADY_RATE} tweets/s, 99th percentile`;
  return await withKafka(what, async (broker) => {
    await using simulator = await startedSimulator(executable, { rate: STEADY_RATE });
    await using collector = await startedCollector(executable, simulator, kafkaArguments(broker));
    await pause(10_000);
    const before = await collector.waits("kafka");
    await pause(seconds * 1_000);
    const after = await collector.waits("kafka");
    const counts = after.map(({ bound, count }, at) => ({ bound, count: count - (before[at]?.count ?? 0) }));
    const all = counts.at(-1)!.count;
    const bound = (share: number) => counts.find(({ count }) => count >= all * share)!.bound * 1_000;
    return [[what, `at most ${bound(0.99)} ms (median at most ${bound(0.5)} ms, ${all} tweets)`, "60 ms"]];
  });
}

/** How fast a backlog is delivered while new tweets come, and how soon a collector with it is there. */
export async function backlogToKafka(executable: string): Promise<Row[]> {
  const what = `${BACKLOG.toLocaleString("en")} waiting records to Kafka, while ${STEADY_RATE}/s come`;
  return await withKafka(what, async (broker) => {
    const directory = await Deno.makeTempDir({ prefix: "traptor-bench-" });
    try {
      await fillJournal(directory);
      await using simulator = await startedSimulator(executable, { rate: STEADY_RATE });
      const startedAt = performance.now();
      await using collector = await startedCollector(
        executable,
        simulator,
        [...kafkaArguments(broker), "--journal-max-bytes", "64GiB"],
        directory,
      );
      const connectedAt = performance.now();
      const memory: number[] = [];
      const first = await collector.delivered("kafka");
      const drainedFrom = performance.now();
      while (await collector.waiting() > STEADY_RATE * 5) {
        memory.push(await residentBytes(collector.pid));
        await pause(1_000);
      }
      const rate = (await collector.delivered("kafka") - first) / ((performance.now() - drainedFrom) / 1_000);
      return [
        [what, `${Math.round(rate).toLocaleString("en")} records/s`, "10,000 records/s"],
        ["start with that backlog, to an open stream", `${((connectedAt - startedAt) / 1_000).toFixed(1)} s`, "2 s"],
        ["memory meanwhile, at most", megabytes(Math.max(...memory)), "250 MB"],
      ];
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

async function withKafka(what: string, measure: (broker: KafkaBroker) => Promise<Row[]>): Promise<Row[]> {
  const absence = kafkaAbsence("current");
  if (absence) return [[what, `not measured: ${absence.reason}`, ""]];
  const broker = await startKafka();
  try {
    return await measure(broker);
  } finally {
    await broker.stop();
  }
}

function kafkaArguments(broker: KafkaBroker): string[] {
  return ["--sink", "kafka", "--kafka-hosts", broker.bootstrap, "--kafka-topic", `bench-${freePort()}`];
}

/** A journal as a long outage of Kafka leaves it. */
async function fillJournal(directory: string): Promise<void> {
  const journal = openJournal({
    directory,
    sinks: ["kafka"],
    maxBytes: Number.MAX_SAFE_INTEGER,
    clock: systemClock(),
    events: new Events(),
  });
  const rule = readRule("deno", { type: "track", id: 0 });
  const text = crypto.getRandomValues(new Uint8Array(RECORD_BYTES / 2)).toHex();
  const value = new TextEncoder().encode(JSON.stringify({ data: { id: "0", text: text.slice(0, RECORD_BYTES - 40) } }));
  for (let number = 0; number < BACKLOG; number++) {
    const record: TweetRecord = {
      id: String(10n ** 18n + BigInt(number)),
      value,
      headers: { "traptor-type": "track" },
    };
    journal.accept(record, [rule]);
    if (number % 10_000 === 0) await pause(0);
  }
  journal.end();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
