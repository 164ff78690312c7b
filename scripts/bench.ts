/**
 * `deno task bench`: measures what the README promises, on this machine, and prints a table. Nothing here is a test:
 * figures are for comparing within one run.
 *
 *   deno task bench                  everything, with real servers; needs `deno task compile` first
 *   deno task bench rules matching   some parts alone: start, rules, matching, statistics, kafka, steady, backlog
 *   deno task bench --seconds 60     how long the flood to Kafka lasts, default 60
 *
 * @module
 */
import { startKafka } from "../tests/support/kafka.ts";
import { kafkaAbsence } from "../tests/support/kafka_jars.ts";
import { backlogToKafka, steadyToKafka } from "./bench/delivery.ts";
import { startedCollector, startedSimulator } from "./bench/processes.ts";
import { machine } from "./bench/machine.ts";
import { matching } from "./bench/matching.ts";
import { median, megabytes, residentBytes } from "./bench/measures.ts";
import type { Row } from "./bench/row.ts";
import { millionRules } from "./bench/rules.ts";
import { statistics } from "./bench/statistics.ts";

const EXECUTABLE = new URL("../dist/traptor", import.meta.url).pathname;
const RUNS = 11;
const FLOOD_RATE = 5_000;

const PARTS: Readonly<Record<string, (seconds: number) => Promise<Row[]>>> = {
  start: async () => [await versionTime(), await firstTweetTime(), await idleMemory()],
  rules: () => millionRules(EXECUTABLE),
  matching: () => Promise.resolve(matching()),
  statistics,
  kafka: floodToKafka,
  steady: (seconds) => steadyToKafka(EXECUTABLE, seconds),
  backlog: () => backlogToKafka(EXECUTABLE),
};

if (import.meta.main) {
  const [seconds, names] = read(Deno.args);
  if (!(await isThere(EXECUTABLE))) fail(69, "Cannot measure: dist/traptor is not there.\nTry `deno task compile`.");
  console.log(`| what | measured | aim |\n|---|---|---|`);
  for (const name of names) for (const row of await PARTS[name]!(seconds)) console.log(`| ${row.join(" | ")} |`);
  console.log(`\nMachine: ${await machine()}`);
}

/** The seconds of the flood, and the parts to measure. */
function read(args: readonly string[]): [seconds: number, names: readonly string[]] {
  const at = args.indexOf("--seconds");
  const seconds = at < 0 ? 60 : Number(args[at + 1]);
  const names = args.filter((_, index) => at < 0 || index !== at && index !== at + 1);
  const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined || !(seconds >= 5)) {
    const why = unknown === undefined ? "--seconds takes a number from 5" : `there is no part ${unknown}`;
    fail(64, `Cannot measure: ${why}.\nTry ${Object.keys(PARTS).join(", ")}, and --seconds 60.`);
  }
  return [seconds, names.length > 0 ? names : Object.keys(PARTS)];
}

function fail(code: number, text: string): never {
  console.error(text);
  Deno.exit(code);
}

async function versionTime(): Promise<Row> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now();
    await new Deno.Command(EXECUTABLE, { args: ["version"], stdout: "null" }).output();
    times.push(performance.now() - startedAt);
  }
  return ["`dist/traptor version`", `${seconds(median(times))} (median of ${RUNS})`, "0.3 s"];
}

async function firstTweetTime(): Promise<Row> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now();
    const args = ["--test", "--simulate", "--limit", "1"];
    const child = new Deno.Command(EXECUTABLE, { args, stdout: "piped", stderr: "null" }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    times.push(performance.now() - startedAt);
    await reader.cancel();
    await child.status;
  }
  return ["start of `--test --simulate` to the first tweet", `${seconds(median(times))} (median of ${RUNS})`, "1 s"];
}

async function idleMemory(): Promise<Row> {
  await using simulator = await startedSimulator(EXECUTABLE, { rate: 0.001 });
  await using collector = await startedCollector(EXECUTABLE, simulator, ["--sink", "stdout"]);
  await pause(10_000);
  return ["memory of an idle collector, connected", megabytes(await residentBytes(collector.pid)), "130 MB"];
}

async function floodToKafka(seconds: number): Promise<Row[]> {
  const absence = kafkaAbsence("current");
  if (absence) return [["simulator to Kafka", `not measured: ${absence.reason}`, `${FLOOD_RATE} tweets/s`]];
  const broker = await startKafka();
  try {
    await using simulator = await startedSimulator(EXECUTABLE, { rate: FLOOD_RATE });
    const args = ["--sink", "kafka", "--kafka-hosts", broker.bootstrap];
    await using collector = await startedCollector(EXECUTABLE, simulator, args);
    await pause(10_000);
    const memory = [await residentBytes(collector.pid)];
    const before = await collector.delivered("kafka");
    const startedAt = performance.now();
    for (let passed = 0; passed < seconds; passed += 5) {
      await pause(5_000);
      memory.push(await residentBytes(collector.pid));
    }
    const rate = (await collector.delivered("kafka") - before) / ((performance.now() - startedAt) / 1000);
    const waiting = await collector.waiting();
    const course = [memory[0]!, median(memory), memory.at(-1)!].map(megabytes).join(", ");
    return [
      [
        `simulator to Kafka ${broker.version}, ${seconds} s`,
        `${Math.round(rate)} tweets/s, ${waiting} waiting at the end`,
        `${FLOOD_RATE} tweets/s`,
      ],
      ["memory meanwhile: start, median, end", course, "flat"],
    ];
  } finally {
    await broker.stop();
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
