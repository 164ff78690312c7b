/**
 * A collector as a process of its own that collects from a simulator in the test's process, so that the test knows
 * exactly what was sent.
 *
 * @module
 */
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulate/simulator.ts";
import { type Running, type RunOptions, startTraptor } from "./traptor.ts";

export interface Collecting extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly collector: Running;
  /** A folder of the test's own; the rules are in it. */
  readonly folder: string;
}

export interface CollectingOptions extends RunOptions {
  readonly simulator?: SimulatorOptions;
  /** The text of a rules file; without it the collector's arguments say where the rules are. */
  readonly rules?: string;
}

/** Starts both. Use it with `await using`. */
export async function startCollecting(args: readonly string[], options: CollectingOptions = {}): Promise<Collecting> {
  const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
  const simulator = await startSimulator({ rate: 50, ...options.simulator });
  const rulesFile = `${folder}/rules.txt`;
  if (options.rules !== undefined) await Deno.writeTextFile(rulesFile, options.rules);
  const rules = options.rules === undefined ? [] : ["--rules", `file:${rulesFile}`];
  const collector = startTraptor(["--api-url", simulator.url, ...rules, ...args], {
    ...options,
    cwd: folder,
    env: { BEARER_TOKEN: simulator.token, ...options.env },
  });
  return {
    simulator,
    collector,
    folder,
    async [Symbol.asyncDispose]() {
      await collector[Symbol.asyncDispose]();
      await simulator.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A record without its `traptor` member: what X sent. */
export function withoutTraptor(record: string): string {
  const at = record.lastIndexOf(',"traptor":{"version":');
  return `${record.slice(0, at)}}`;
}
