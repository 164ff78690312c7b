/**
 * Random sequences of faults, with kills of the collector between them: at the end every tweet that the simulator sent on
 * an open connection is in the files, or a gap covers the moment when it was sent. `TEST_SEQUENCES=N` plays more of them,
 * `TEST_SEED=N` a run again.
 */

import { assertEquals } from "@std/assert";
import type { FaultName } from "../../src/simulate/simulator.ts";
import { type Collecting, startCollecting } from "../support/collecting.ts";
import { linesBelow } from "../support/line_files.ts";
import { seeded, seedOfRun } from "../support/seeded.ts";
import { type Running, runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

const SEQUENCES = Number(Deno.env.get("TEST_SEQUENCES") ?? 2);
const STEPS = 6;

/** Faults whose answer takes seconds in real time; those that take minutes are in `stream_test.ts`, with faster time. */
const STEP_KINDS: readonly (FaultName | "kill" | "stop")[] = [
  "disconnect",
  "disconnect-top",
  "cut-line",
  "cut-character",
  "garbage",
  "duplicate",
  "split",
  "slow",
  "unavailable",
  "accept-close",
  "kill",
  "kill",
  "stop",
];

/** Clocks are read at both ends of a connection, a moment apart. */
const TOLERANCE_MS = 1_000;

const COLLECT = ["--sink", "file:tweets", "--state-dir", "state", "--status-listen", "off"];

class Sequence {
  readonly #run: Collecting;
  #collector: Running;
  /** How often the collector was ended in the middle, one way or the other. */
  ends = 0;

  constructor(run: Collecting) {
    this.#run = run;
    this.#collector = run.collector;
  }

  async step(kind: typeof STEP_KINDS[number], ms: number): Promise<void> {
    if (kind === "kill" || kind === "stop") {
      this.ends += 1;
      await this.#collector.end(kind === "kill" ? "SIGKILL" : "SIGTERM");
      await pause(ms);
      this.#start();
    } else this.#run.simulator.fault(kind, ms);
    await this.#moreSent(20);
  }

  /** Nothing more is sent; what is on its way arrives; the collector ends in order. */
  async end(): Promise<void> {
    const { folder, simulator } = this.#run;
    await this.#moreSent(20);
    simulator.pause();
    const last = simulator.sent().at(-1)!.id;
    await waitUntil(async () => (await linesBelow(`${folder}/tweets`)).some((line) => line.includes(last)), {
      what: `the last tweet arrives:\n${this.#collector.stderr}`,
      withinMs: 60_000,
    });
    const { code, stderr } = await this.#collector.end();
    assertEquals(code, 0, stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collector[Symbol.asyncDispose]();
  }

  #start(): void {
    const { folder, simulator } = this.#run;
    const args = ["--api-url", simulator.url, "--rules", `file:${folder}/rules.txt`, ...COLLECT];
    this.#collector = startTraptor(args, { cwd: folder, env: { BEARER_TOKEN: simulator.token } });
  }

  async #moreSent(tweets: number): Promise<void> {
    const { simulator } = this.#run;
    const before = simulator.sent().length;
    await waitUntil(() => simulator.sent().length >= before + tweets, {
      what: `${tweets} more tweets are sent:\n${this.#collector.stderr}`,
      withinMs: 90_000,
    });
  }
}

async function play(chance: () => number): Promise<void> {
  await using run = await startCollecting(COLLECT, {
    rules: "deno\ncoffee\n地震\n",
    simulator: { rate: 60, seed: Math.floor(chance() * 1e6) },
  });
  await run.collector.says(/Connected to X/);
  await using sequence = new Sequence(run);
  const kinds = Array.from({ length: STEPS }, () => STEP_KINDS[Math.floor(chance() * STEP_KINDS.length)]!);
  for (const kind of kinds) await sequence.step(kind, 500 + Math.floor(chance() * 2_000));
  await sequence.end();
  const missing = await missingIn(run);
  const covered = await gapsIn(run);
  const uncovered = missing.filter(({ at }) =>
    !covered.some(([began, ended]) => at >= began - TOLERANCE_MS && at <= ended + TOLERANCE_MS)
  );
  assertEquals(uncovered, [], `${kinds.join(", ")}: not in the files, and no gap says so; gaps: ${covered.join("; ")}`);
  if (sequence.ends === 0) {
    assertEquals(missing, [], `${kinds.join(", ")}: no collector was ended, and yet something is gone`);
  }
  const verified = await runTraptor(["verify", "--sink", "file:tweets", "--state-dir", "state"], { cwd: run.folder });
  assertEquals(verified.code, 0, verified.stdout + verified.stderr);
}

/** What was sent and is not in the files. */
async function missingIn({ folder, simulator }: Collecting): Promise<{ id: string; at: number }[]> {
  const there = new Set((await linesBelow(`${folder}/tweets`)).map((line) => JSON.parse(line).data.id));
  return simulator.sent().filter(({ id }) => !there.has(id)).map(({ id, at }) => ({ id, at }));
}

/** When nothing was collected, as traptor says. */
async function gapsIn({ folder }: Collecting): Promise<(readonly [number, number])[]> {
  const { stdout } = await runTraptor(["gaps", "list", "--json", "--state-dir", "state"], { cwd: folder });
  return stdout.split("\n").filter((line) => line !== "").map((line) => {
    const { began_at, ended_at } = JSON.parse(line);
    return [Date.parse(began_at), ended_at === null ? Infinity : Date.parse(ended_at)] as const;
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const first = seedOfRun();
for (let sequence = 0; sequence < SEQUENCES; sequence++) {
  const seed = first + sequence;
  Deno.test(`faults by chance, ${sequence + 1} of ${SEQUENCES}: what is sent is in the files, or in a gap`, async () => {
    try {
      await play(seeded(seed));
    } catch (error) {
      throw new Error(`seed ${seed} (TEST_SEED=${seed} TEST_SEQUENCES=1 plays it again)`, { cause: error });
    }
  });
}
