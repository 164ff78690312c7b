/**
 * A small, hostile X on loopback: rules, counts, the filtered stream, recent search, users, connections, usage and the
 * token, over a seeded world of made-up people, with faults on demand or by chance. It shares no code with the client
 * and promises to know, line by line, what it sent.
 *
 * It does not promise X's volumes, its undocumented answers, nor anything about posting. It refuses what X refuses and
 * records the rest: who judges a client reads `/sim/`.
 */

import { RateLimits } from "./api/rate_limits.ts";
import { answer } from "./api/router.ts";
import { CAPS, type Caps, type Tier } from "./caps.ts";
import { scaledClock, type SimulatorClock, skewedClock } from "./clock.ts";
import type { Context } from "./context.ts";
import type { FaultName } from "./faults.ts";
import { type Certificate, Server } from "./http/server.ts";
import { type ConnectionRecord, Ledger, type RequestRecord, type SentRecord } from "./ledger.ts";
import { Random } from "./random.ts";
import { RuleBook } from "./rule_book.ts";
import { Connections } from "./stream/connections.ts";
import { Mischief } from "./stream/mischief.ts";
import { Traffic } from "./stream/traffic.ts";
import { People } from "./world/people.ts";
import { World } from "./world/world.ts";

export { SIMULATOR_CONSUMER_KEY, SIMULATOR_CONSUMER_SECRET } from "./api/token.ts";
export { type Caps, type Tier, TIERS } from "./caps.ts";
export type { SimulatorClock } from "./clock.ts";
export { FAULT_NAMES, type FaultName, FAULTS } from "./faults.ts";
export { PortInUseError } from "./http/server.ts";
export type { ConnectionRecord, RequestRecord, SentKind, SentRecord } from "./ledger.ts";

/** The bearer token that a simulator accepts unless it is given another. */
export const SIMULATOR_TOKEN = "simulator-bearer-token";

export interface SimulatorOptions {
  /** Where to listen on 127.0.0.1; 0, the default, is any free port. */
  port?: number;
  /** Speaks TLS, with this certificate; then it is reached as https://localhost. */
  tls?: Certificate;
  /** Compresses what it answers to clients that take gzip; default false. */
  gzip?: boolean;
  /** Tweets sent per second of the clock while there are rules; default 10, 0 for none. */
  rate?: number;
  /** Which world and which mischief; default 1. */
  seed?: number;
  /** Faults that happen by themselves, one of them every 20 to 60 s of the clock; default none. */
  faults?: readonly FaultName[];
  /** Path of a file whose lines are sent instead of the world's tweets, once. */
  replay?: string;
  /** How many times faster the clock runs; default 1. */
  timeScale?: number;
  /** The bearer token to accept; default SIMULATOR_TOKEN. */
  token?: string;
  /** What the project pays for, which sets X's limits; default "pay-per-use". */
  tier?: Tier;
  /** Limits that are to differ from the tier's. */
  caps?: Partial<Caps>;
  /** How long a change of the rules takes to have its effect, in milliseconds of the clock; default 0. */
  ruleDelayMs?: number;
  /** How long recent search does not find what was posted, in milliseconds of the clock; default 20,000. */
  searchLagMs?: number;
  /** How far X's clock is ahead of the given one, in milliseconds: in all that X says, and in no wait; default 0. */
  clockSkewMs?: number;
  /** Whether the lines sent are kept with their ids; default true. */
  recordLines?: boolean;
  /** How many sent lines are kept: default 200,000, or 1,000,000 without their text. */
  recordLimit?: number;
  /** Bytes that may wait for a slow reader; default 8 MiB. */
  queueBytes?: number;
  /** The clock, for tests that hold time still; then `timeScale` says nothing. */
  clock?: SimulatorClock;
}

export interface Simulator {
  readonly url: string;
  readonly token: string;
  readonly port: number;
  /** The tweets' lines that were handed to the network completely, oldest first. */
  sent(): SentRecord[];
  /** How many of the oldest are kept no more. */
  forgotten(): number;
  /** Every connect of the stream, granted or not. */
  connections(): readonly ConnectionRecord[];
  /** Every request under /2 and for the token. */
  requests(): readonly RequestRecord[];
  /** Makes a fault happen now; `ms` is how long it lasts, else chance decides. */
  fault(name: FaultName, ms?: number): void;
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** X has published no figure. */
const DEFAULT_SEARCH_LAG_MS = 20_000;
const DEFAULT_QUEUE_BYTES = 8 * 1024 * 1024;

/**
 * Starts a simulator. Throws PortInUseError when the port belongs to another, and Deno's error when the file to replay
 * cannot be read.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const replay = options.replay === undefined ? undefined : await readLines(options.replay);
  const context = assemble(options, replay);
  const server = new Server({
    port: options.port ?? 0,
    handler: (request) => answer(context, request),
    gzip: options.gzip ?? false,
    ...(options.tls ? { tls: options.tls } : {}),
  });
  const { ledger, mischief, traffic, rules } = context;
  return {
    url: `${options.tls ? "https://localhost" : "http://127.0.0.1"}:${server.port}`,
    token: context.token,
    port: server.port,
    sent: () => ledger.sent(),
    forgotten: () => ledger.forgotten,
    connections: () => ledger.connections,
    requests: () => ledger.requests,
    fault: (name, ms) => mischief.fire(name, ms),
    pause: () => traffic.pause(),
    resume: () => traffic.resume(),
    async close() {
      traffic.close();
      mischief.close();
      rules.close();
      for (const connection of context.connections.open) connection.abort("the simulator closed");
      await server.close();
    },
  };
}

function assemble(options: SimulatorOptions, replay: readonly string[] | undefined): Context {
  const { seed = 1, rate = 10, recordLines = true } = options;
  const ownClock = options.clock ?? scaledClock(options.timeScale ?? 1);
  const clock = skewedClock(ownClock, options.clockSkewMs ?? 0);
  const caps = { ...CAPS[options.tier ?? "pay-per-use"], ...options.caps };
  const random = new Random(seed);
  const limit = options.recordLimit ?? (recordLines ? 200_000 : 1_000_000);
  const ledger = new Ledger({ clock: ownClock, recordLines, limit });
  const rules = new RuleBook(clock, options.ruleDelayMs ?? 0);
  const people = new People(seed);
  const world = new World(seed, people);
  const limits = new RateLimits(clock, caps.windowMs);
  const connections = new Connections(clock, ledger);
  return {
    clock,
    random,
    caps,
    token: options.token ?? SIMULATOR_TOKEN,
    queueBytes: options.queueBytes ?? DEFAULT_QUEUE_BYTES,
    searchLagMs: options.searchLagMs ?? DEFAULT_SEARCH_LAG_MS,
    ledger,
    rules,
    people,
    world,
    limits,
    connections,
    mischief: new Mischief({ clock, random, connections, limits, faults: options.faults ?? [] }),
    traffic: new Traffic({ clock, world, rules, rate, replay }),
  };
}

async function readLines(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path)).split(/\r?\n/).filter((line) => line !== "");
}
