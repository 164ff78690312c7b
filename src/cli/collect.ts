/** `traptor [collect]`: collects until it is told to stop. */

import { type Clock, systemClock } from "../base/clock.ts";
import { DiskError, ExitCode, SettingsError, type TransientError, UsageError } from "../base/errors.ts";
import { Events } from "../base/events.ts";
import { systemRandom } from "../base/random.ts";
import { openRedis } from "../base/redis.ts";
import { BACKOFF, retry } from "../base/retry.ts";
import { settingFlags } from "../config/describe.ts";
import { isLoopback } from "../config/checks.ts";
import { type Loaded, loadSettings } from "../config/load.ts";
import type { Settings } from "../config/options.ts";
import { duration } from "../config/parsers.ts";
import { assemble, type Assembly, redisAddress } from "../collector/assemble.ts";
import type { CollectorBounds } from "../collector/collector.ts";
import { readCertificates, sinksOf } from "../collector/sinks.ts";
import { appOf, bearerTokenFor, credentialsIn, stateDirectoryFor } from "../collector/credentials.ts";
import { instanceName } from "../fleet/instance_name.ts";
import { installationName } from "../fleet/installation.ts";
import { TextSink } from "../deliver/text_sink.ts";
import type { Journal } from "../journal/journal.ts";
import { MemoryBacklog } from "../journal/memory_backlog.ts";
import { openJournal } from "../journal/open_journal.ts";
import type { StateLock } from "../journal/state_lock.ts";
import { slotName, slotsOf } from "../model/slot.ts";
import { openLog } from "../observe/log.ts";
import { startStatusServer, type StatusServer } from "../observe/status_server.ts";
import type { Simulator } from "../simulate/simulator.ts";
import { Token } from "../stream/token.ts";
import { openTransport } from "../stream/transport.ts";
import {
  type Arguments,
  type Flag,
  positiveNumber,
  readArguments,
  refusePositionals,
  wholeNumber,
} from "./arguments.ts";
import { collectHelp } from "./collect_help.ts";
import { IF_HELD_FLAGS, type IfHeld, ifHeldIn, patiently, takeState } from "./collect_state.ts";
import type { Command } from "./command.ts";
import { openLogOutput } from "./log_output.ts";
import { listenForSignals } from "./signals.ts";
import { start, WORLD_FLAGS, worldOptions } from "./simulate.ts";
import { summaryOf } from "./summary.ts";
import { writeError } from "./terminal.ts";
import { VERSION } from "./version.ts";
import { who } from "./who.ts";

const OWN_FLAGS: readonly Flag[] = [
  { name: "test", help: "show the text of each tweet on stdout, and deliver nothing" },
  { name: "simulate", help: "collect from a simulator in this process; without --rules, from example rules" },
  ...WORLD_FLAGS,
  { name: "limit", placeholder: "N", help: "end after N tweets" },
  { name: "duration", placeholder: "TIME", help: "end after 30s, 15m, 2h" },
  {
    name: "time-scale",
    placeholder: "N",
    help: "make every wait N times shorter; against a simulator only. N@MS: since then, in milliseconds since 1970",
  },
  ...IF_HELD_FLAGS,
  { name: "settings", placeholder: "PATH", help: "the settings file" },
];

export const collect: Command = {
  name: "collect",
  summary: "collect tweets; what traptor does without a command",
  help: () => collectHelp(OWN_FLAGS),
  async run(args) {
    const given = readArguments("collect", args, [...OWN_FLAGS, ...settingFlags()]);
    refusePositionals("collect", given);
    const bounds = boundsOf(given);
    refuseWorldFlags(given);
    const ifHeld = ifHeldIn(given);
    const loaded = await loadSettings({ flags: given.values });
    const clock = clockFor(given, loaded);
    const simulator = given.switches.has("simulate") ? await start(worldOptions(given)) : undefined;
    try {
      return await collectFrom({ given, loaded, clock, bounds, ifHeld, simulator });
    } finally {
      await simulator?.close();
    }
  },
};

/** How much waits for the terminal at most. */
const TEST_BACKLOG = { records: 100_000, bytes: 64 * 1024 * 1024 };

const SIMULATED_DOLLARS = 1_000_000;

interface Run {
  readonly given: Arguments;
  readonly loaded: Loaded;
  readonly clock: Clock;
  readonly bounds: CollectorBounds;
  readonly ifHeld: IfHeld;
  readonly simulator: Simulator | undefined;
}

/** In a simulation nothing is charged: what repairs may cost is bounded only where somebody says so. */
function withoutPrices({ settings, sources }: Loaded): Settings {
  const { gapRepairMaxUsd: aGap, gapRepairMaxUsdADay: aDay } = settings;
  return {
    ...settings,
    gapRepairMaxUsd: sources.gapRepairMaxUsd === "default" ? SIMULATED_DOLLARS : aGap,
    gapRepairMaxUsdADay: sources.gapRepairMaxUsdADay === "default" ? SIMULATED_DOLLARS : aDay,
  };
}

async function collectFrom(run: Run): Promise<number> {
  const { given, loaded, clock, bounds, ifHeld, simulator } = run;
  const settings = simulator ? withoutPrices(loaded) : loaded.settings;
  const credentials = simulator ? { bearerToken: simulator.token } : credentialsIn(settings);
  const output = openLogOutput(settings.logFile);
  const events = new Events();
  const { logJson: json, logLevel: level } = settings;
  events.listen(openLog({ level, json, shortTime: output.isTerminal, clock, write: output.write }));

  const transport = openTransport({
    apiUrl: simulator?.url ?? settings.apiUrl,
    userAgent: `traptor/${VERSION}`,
    clock,
    ...(settings.caFile === undefined ? {} : { caCertificates: await Deno.readTextFile(settings.caFile) }),
  });
  const signals = listenForSignals();
  const temporary: string[] = [];
  let server: StatusServer | undefined;
  let lock: StateLock | undefined;
  let journal: Journal | undefined;
  try {
    const parts = { transport, clock, random: systemRandom, events };
    const bearerToken = await bearerTokenFor(credentials, parts, signals.stop);
    const token = new Token(bearerToken, async (signal) => {
      if (simulator) return simulator.token;
      const { settings } = await loadSettings({ flags: given.values });
      return await bearerTokenFor(credentialsIn(settings), parts, signal);
    });
    const app = simulator ? "simulator" : await appOf(bearerToken);
    const isThrowaway = simulator !== undefined && given.switches.has("test");
    const stateDirectory = isThrowaway
      ? await Deno.makeTempDir({ prefix: "traptor-" })
      : stateDirectoryFor(app, { ...loaded, settings });
    if (isThrowaway) temporary.push(stateDirectory);
    const state = { directory: stateDirectory, clock, random: systemRandom, events, signal: signals.stop };
    lock = await takeState(state, ifHeld);
    if (!lock) return ExitCode.done;
    for (const note of loaded.notes) events.emit("setting_note", { note });
    if (loaded.file !== undefined) events.emit("settings_loaded", { file: loaded.file });
    const useExamples = simulator !== undefined && loaded.sources.rules === "default";
    const redisPrefix = simulator ? "traptor-simulation:" : "";
    const usesRedis = !useExamples && settings.rules.kind === "redis";
    const installation = await nameInstallation({
      usesRedis,
      redisPrefix,
      stateDirectory,
      run,
      events,
      stop: signals.stop,
    });
    const instance = await patiently(state, () => instanceName(stateDirectory, systemRandom));
    const isTest = given.switches.has("test");
    const certificates = await readCertificates(settings);
    const sinks = isTest ? [new TextSink()] : sinksOf({ settings, certificates, app, clock, events });
    const names = sinks.map(({ name }) => name);
    const { journalMaxBytes: maxBytes } = settings;
    const open = () => openJournal({ directory: stateDirectory, sinks: names, maxBytes, clock, events });
    journal = isTest ? undefined : await patiently(state, () => Promise.resolve(open()));
    const assembly = assemble({
      ...parts,
      settings,
      sinks,
      journal,
      backlog: journal ?? new MemoryBacklog(TEST_BACKLOG, names, () => clock.now()),
      token,
      app,
      installation,
      instance,
      isTest,
      exampleRules: useExamples,
      redisPrefix,
      isSimulation: simulator !== undefined,
      host: Deno.hostname(),
      by: who(loaded),
      version: VERSION,
    });
    if (!given.switches.has("test")) server = serveStatus(assembly, loaded, events);
    if (server) await lock.noteStatus(server.address);
    events.emit("collector_started", {
      version: VERSION,
      app,
      rules: useExamples ? "the example rules" : rulesShown(settings),
      sinks: given.switches.has("test") ? "the terminal" : settings.sink.map((place) => place.kind).join(", "),
    });
    if (simulator) {
      const world = worldOptions(given);
      events.emit("simulator_started", { url: simulator.url, rate: world.rate, seed: world.seed ?? 1 });
    }
    return await runToEnd(assembly, signals, bounds, given.switches.has("test"));
  } catch (error) {
    // A signal while starting: nothing was begun, so nothing is left to do.
    if (signals.stop.aborted && error === signals.stop.reason) return ExitCode.done;
    throw error;
  } finally {
    signals.release();
    await server?.close();
    transport.close();
    journal?.end();
    lock?.release();
    for (const directory of temporary) await Deno.remove(directory, { recursive: true });
    output.close();
  }
}

/** Collects until the end; a second signal does not wait for it. */
async function runToEnd(
  { collector, counters }: Assembly,
  signals: { stop: AbortSignal; second: Promise<void> },
  bounds: CollectorBounds,
  isTest: boolean,
): Promise<number> {
  const end = await Promise.race([collector.run(signals.stop, bounds), signals.second]);
  if (!end) {
    const left = isTest ? "are lost" : "stay in the journal";
    writeError(`Stopped at once by a second signal: tweets that were not delivered yet ${left}\n`);
    return ExitCode.tryLater;
  }
  if (isTest) writeError(summaryOf(counters.accepted, counters.matchesByRule()));
  return end.undelivered > 0 && isTest ? ExitCode.unavailable : ExitCode.done;
}

async function nameInstallation(options: {
  usesRedis: boolean;
  redisPrefix: string;
  stateDirectory: string;
  run: Run;
  events: Events;
  stop: AbortSignal;
}): Promise<string> {
  const { usesRedis, redisPrefix: prefix, stateDirectory, run, events, stop } = options;
  const redis = usesRedis
    ? openRedis(redisAddress(run.loaded.settings), { clock: run.clock, random: systemRandom })
    : undefined;
  try {
    return await retry(
      () => installationName({ ...(redis ? { redis } : {}), prefix, stateDirectory, random: systemRandom }),
      {
        policy: BACKOFF.redis,
        clock: run.clock,
        random: systemRandom,
        signal: stop,
        onFailure: (error: TransientError, waitMs) => {
          const facts = { reason: error.message, waitMs };
          if (error instanceof DiskError) events.emit("state_unusable", { directory: stateDirectory, ...facts });
          else events.emit("rule_store_lost", facts);
        },
      },
    );
  } finally {
    redis?.close();
  }
}

function serveStatus({ report }: Assembly, { settings, sources }: Loaded, events: Events): StatusServer | undefined {
  if (settings.statusListen === "off") return undefined;
  return startStatusServer({
    ...settings.statusListen,
    askedFor: sources.statusListen !== "default",
    events,
    readiness: () => report.readiness(),
    status: () => report.status(),
    metrics: () => report.metrics(),
  });
}

/** Which rules are collected: those of a file, or of slots in Redis. */
function rulesShown(settings: Settings): string {
  return settings.rules.kind === "file" ? `the rules in ${settings.rules.path}` : `${slotsShown(settings)} in Redis`;
}

function slotsShown(settings: Settings): string {
  const slots = slotsOf({ types: settings.type, ids: settings.id });
  if (slots.length === 0) return `all slots of ${settings.type.join(", ")}`;
  const names = slots.slice(0, 8).map(slotName).join(", ");
  return slots.length > 8 ? `${names} and ${slots.length - 8} more` : names;
}

function boundsOf(given: Arguments): CollectorBounds {
  const { limit, duration: length } = given.values;
  let durationMs: number | undefined;
  if (length !== undefined) {
    try {
      durationMs = duration(length);
    } catch (error) {
      throw new UsageError(`Cannot use --duration: ${(error as Error).message}`, {
        hint: "--duration 30s",
        cause: error,
      });
    }
  }
  return {
    ...(limit === undefined ? {} : { limit: wholeNumber("limit", limit, 1, Number.MAX_SAFE_INTEGER) }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

function refuseWorldFlags(given: Arguments): void {
  if (given.switches.has("simulate")) return;
  const flag = WORLD_FLAGS.find(({ name }) => given.values[name] !== undefined);
  if (flag) {
    throw new UsageError(`Cannot use --${flag.name} without --simulate: it describes the simulator's world`, {
      hint: `traptor --test --simulate --${flag.name} ${given.values[flag.name]}`,
    });
  }
}

/** Scaled time is for a simulator: X would see a client that hammers it. */
function clockFor(given: Arguments, { settings }: Loaded): Clock {
  const text = given.values["time-scale"];
  if (text === undefined) return systemClock();
  if (!given.switches.has("simulate") && !isLoopback(new URL(settings.apiUrl).hostname)) {
    throw new SettingsError("Cannot scale time against X: every wait would be too short", {
      hint: "--time-scale goes with --simulate, or with --api-url on this machine",
    });
  }
  const [scale = "", since] = text.split("@", 2);
  return systemClock(
    positiveNumber("time-scale", scale, 10_000),
    since === undefined ? undefined : wholeNumber("time-scale", since, 0, Number.MAX_SAFE_INTEGER),
  );
}
