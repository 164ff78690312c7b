/** `traptor simulate`: a small, hostile X on loopback, for trying rules, settings and failures without an account. */

import { UnavailableError, UsageError } from "../base/errors.ts";
import { nearestName } from "../model/nearest_name.ts";
import { shown } from "../model/outside_text.ts";
import {
  FAULT_NAMES,
  type FaultName,
  FAULTS,
  PortInUseError,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
  type Tier,
  TIERS,
} from "../simulate/simulator.ts";
import {
  type Arguments,
  type Flag,
  HELP_FLAG,
  positiveNumber,
  readArguments,
  refusePositionals,
  wholeNumber,
} from "./arguments.ts";
import type { Command } from "./command.ts";
import { flagRows } from "./help.ts";
import { listenForSignals } from "./signals.ts";
import { table, writeError } from "./terminal.ts";

/** Tweets a second unless told otherwise. */
const DEFAULT_RATE = 10;

/** Above this rate only the ids of sent tweets are kept: the lines would fill the memory within minutes. */
const MOST_RECORDED_RATE = 1_000;

/** How far off X's clock can be made. */
const MOST_SKEW_S = 86_400;

/** The flags that `collect --simulate` shares with `simulate`. */
export const WORLD_FLAGS: readonly Flag[] = [
  { name: "rate", placeholder: "TWEETS_PER_SECOND", help: "how many tweets the simulator sends, default 10" },
  { name: "seed", placeholder: "N", help: "which world it makes; the same seed makes the same tweets" },
  {
    name: "faults",
    placeholder: "NAME,...",
    help: "what goes wrong now and then, or `all`: see `traptor simulate --help`",
  },
];

const FLAGS: readonly Flag[] = [
  { name: "port", placeholder: "N", help: "where to listen on 127.0.0.1, default any free port" },
  ...WORLD_FLAGS,
  { name: "replay", placeholder: "FILE", help: "send these lines, one message each, instead of the world's tweets" },
  { name: "tier", placeholder: "NAME", help: `what the project pays for: ${TIERS.join(" or ")}, default ${TIERS[0]}` },
  { name: "clock-skew", placeholder: "SECONDS", help: "how far X's clock is ahead, or behind with a minus" },
  { name: "time-scale", placeholder: "N", help: "make time pass N times faster" },
  { name: "tls-cert", placeholder: "FILE", help: "speak TLS, with this certificate (PEM) for localhost" },
  { name: "tls-key", placeholder: "FILE", help: "the certificate's key (PEM)" },
];

export const simulate: Command = {
  name: "simulate",
  summary: "run a small, hostile X on this machine, for tests and demonstrations",
  help: () =>
    `traptor simulate [--port N] [--rate N] [--seed N] [--faults NAME,...] [--replay FILE]

Speaks the part of X's API that a collector uses: rules, counts, the filtered stream, recent search, users,
connections, usage. What it sent, and to whom, is at /sim/sent.

${table(flagRows([...FLAGS, HELP_FLAG]))}
Faults:
${table(FAULT_NAMES.map((name) => [`  ${name}`, FAULTS[name]]))}
Examples:
  traptor simulate --port 8080 --rate 50
  traptor --test --api-url http://127.0.0.1:8080     with the token that it prints as BEARER_TOKEN
  traptor simulate --faults disconnect,stall,garbage
`,
  async run(args) {
    const given = readArguments("simulate", args, FLAGS);
    refusePositionals("simulate", given);
    const { port, replay, tier } = given.values;
    const skew = given.values["clock-skew"];
    const simulator = await start({
      ...worldOptions(given),
      ...(port === undefined ? {} : { port: wholeNumber("port", port, 0, 65_535) }),
      ...(replay === undefined ? {} : { replay }),
      ...(tier === undefined ? {} : { tier: readTier(tier) }),
      ...(skew === undefined ? {} : { clockSkewMs: readSkew(skew) }),
      ...await certificateIn(given),
    });
    writeError(`The simulator listens at ${simulator.url}; its token is ${simulator.token}\n`);
    writeError(
      `Collect from it: BEARER_TOKEN=${simulator.token} traptor --test --api-url ${simulator.url}\nCtrl-C ends it\n`,
    );
    const signals = listenForSignals();
    await new Promise<void>((resolve) => signals.stop.addEventListener("abort", () => resolve(), { once: true }));
    signals.release();
    await simulator.close();
    return 0;
  },
};

/** The simulator's world as the flags describe it. Throws UsageError. */
export function worldOptions(given: Arguments): SimulatorOptions & { readonly rate: number } {
  const { seed, faults } = given.values;
  const scale = given.values["time-scale"];
  const rate = given.values["rate"] === undefined
    ? DEFAULT_RATE
    : positiveNumber("rate", given.values["rate"], 100_000);
  return {
    rate,
    recordLines: rate <= MOST_RECORDED_RATE,
    ...(seed === undefined ? {} : { seed: wholeNumber("seed", seed, 0, 2 ** 32 - 1) }),
    ...(faults === undefined ? {} : { faults: readFaults(faults) }),
    ...(scale === undefined ? {} : { timeScale: positiveNumber("time-scale", scale, 10_000) }),
  };
}

/** The certificate that the flags name. Throws UsageError. */
async function certificateIn({ values }: Arguments): Promise<Pick<SimulatorOptions, "tls">> {
  const [certPath, keyPath] = [values["tls-cert"], values["tls-key"]];
  if (certPath === undefined && keyPath === undefined) return {};
  if (certPath === undefined || keyPath === undefined) {
    throw new UsageError("Cannot speak TLS: --tls-cert and --tls-key are of no use without each other", {
      hint: "both of them",
    });
  }
  try {
    return { tls: { cert: await Deno.readTextFile(certPath), key: await Deno.readTextFile(keyPath) } };
  } catch (error) {
    throw new UsageError(`Cannot speak TLS: ${shown((error as Error).message)}`, {
      hint: "files in PEM that may be read",
      cause: error,
    });
  }
}

/** Starts a simulator. Throws UnavailableError when its port is busy, UsageError when its file cannot be read. */
export async function start(options: SimulatorOptions): Promise<Simulator> {
  try {
    return await startSimulator(options);
  } catch (error) {
    if (error instanceof PortInUseError) {
      throw new UnavailableError(`Cannot listen on port ${options.port}: it is in use`, {
        hint: "Stop what uses it, or name another with --port N",
        cause: error,
      });
    }
    if (options.tls && (error instanceof Deno.errors.InvalidData || error instanceof TypeError)) {
      throw new UsageError(`Cannot speak TLS: ${shown((error as Error).message)}`, {
        hint: "a certificate and its key, in PEM",
        cause: error,
      });
    }
    if (error instanceof Deno.errors.NotFound && options.replay !== undefined) {
      throw new UsageError(`Cannot replay ${shown(options.replay)}: there is no such file`, {
        hint: "A file with one JSON message a line",
        cause: error,
      });
    }
    throw error;
  }
}

function readTier(name: string): Tier {
  const found = TIERS.find((known) => known === name);
  if (found) return found;
  throw new UsageError(`Cannot simulate the tier "${shown(name, 40)}": it is not known`, {
    hint: TIERS.map((known) => `--tier ${known}`).join(" or "),
  });
}

/** Milliseconds, of whole seconds that may be negative. */
function readSkew(text: string): number {
  const seconds = Number(text);
  if (/^-?\d+$/.test(text) && Math.abs(seconds) <= MOST_SKEW_S) return seconds * 1000;
  throw new UsageError(`Cannot use --clock-skew ${shown(text, 40)}: it takes whole seconds, up to a day either way`, {
    hint: "--clock-skew=-90",
  });
}

function readFaults(text: string): FaultName[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  return names.includes("all") ? [...FAULT_NAMES] : names.map(faultOf);
}

function faultOf(name: string): FaultName {
  const found = FAULT_NAMES.find((known) => known === name);
  if (found) return found;
  const nearest = nearestName(name, FAULT_NAMES);
  throw new UsageError(`Cannot simulate the fault "${shown(name, 40)}": it is not known`, {
    hint: nearest ? `--faults ${nearest}` : `one of ${FAULT_NAMES.join(", ")}, all`,
  });
}
