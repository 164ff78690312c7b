/** What the commands of `traptor rules` have in common: settings, Redis, the rules that a person means. */

import { systemClock } from "../../base/clock.ts";
import { TransientError, TryLaterError, UnavailableError } from "../../base/errors.ts";
import { systemRandom } from "../../base/random.ts";
import { openRedis, type RedisConnection } from "../../base/redis.ts";
import { redisAddress } from "../../collector/assemble.ts";
import { settingFlags } from "../../config/describe.ts";
import { type Loaded, loadSettings } from "../../config/load.ts";
import type { Rule } from "../../model/rule.ts";
import { RULE_TYPES, type Slot, slotName, type SlotSelection } from "../../model/slot.ts";
import { shown } from "../../model/outside_text.ts";
import { FileRuleStore } from "../../rules/file_rule_store.ts";
import { fixedSlots, RedisRuleStore } from "../../rules/redis_rule_store.ts";
import { readRefusedRules } from "../../rules/refused_rules.ts";
import type { LoadedRules } from "../../rules/rule_store.ts";
import { RuleWriter } from "../../rules/rule_writer.ts";
import { type Arguments, type Flag, HELP_FLAG, readArguments } from "../arguments.ts";
import { flagRows } from "../help.ts";
import { listenForSignals } from "../signals.ts";
import { table, writeError } from "../terminal.ts";
import { who } from "../who.ts";

/** The settings that say where rules are. */
export const PLACE_SETTINGS = ["type", "id", "rules", "redis-url", "redis-host", "redis-port", "redis-db"] as const;

export const JSON_FLAG: Flag = { name: "json", help: "print JSON instead of text" };
const SETTINGS_FLAG: Flag = { name: "settings", placeholder: "PATH", help: "the settings file" };

/** The arguments of a command with its settings. */
export interface Given {
  readonly given: Arguments;
  readonly loaded: Loaded;
}

/** Reads the arguments of a command that takes all settings as flags; its notes are told. Throws UsageError, SettingsError. */
export async function readGiven(command: string, args: readonly string[], flags: readonly Flag[]): Promise<Given> {
  const own = new Set(flags.map(({ name }) => name));
  const settings = settingFlags().filter(({ name }) => !own.has(name));
  const given = readArguments(`rules ${command}`, args, [...flags, SETTINGS_FLAG, ...settings]);
  const loaded = await loadSettings({ flags: given.values });
  for (const note of loaded.notes) writeError(`${shown(note)}\n`);
  return { given, loaded };
}

/** The flags of a command for its help: its own, then those settings that matter to it. */
export function flagsHelp(flags: readonly Flag[], settings: readonly string[]): string {
  const named = settingFlags().filter(({ name }) => settings.includes(name));
  return `${table(flagRows([...flags, HELP_FLAG]))}
Settings that matter here (\`traptor config\` shows all, with their values):

${table(flagRows([...named, SETTINGS_FLAG]))}`;
}

/** Does something with Redis; what ends it too early is told as what `cannot` be done. */
export async function withRedis<T>(
  { settings }: Loaded,
  cannot: string,
  use: (redis: RedisConnection, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const redis = openRedis(redisAddress(settings), { clock: systemClock(), random: systemRandom });
  try {
    return await stoppable(cannot, (signal) => use(redis, signal));
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    throw new UnavailableError(`${cannot}: ${error.message}`, {
      hint: "again when Redis answers; --redis-url says where it is",
    });
  } finally {
    redis.close();
  }
}

/** What writes rules into Redis for this person; `onProgress` hears how many slots of how many were looked at. */
export function writerOf(
  redis: RedisConnection,
  loaded: Loaded,
  onProgress: (done: number, all: number) => void = () => {},
): RuleWriter {
  const { settings: { redisChannel: channel } } = loaded;
  return new RuleWriter({ redis, channel, clock: systemClock(), by: who(loaded), onProgress });
}

/** Does something that Ctrl-C ends in order; `hint` says what comes of that. */
export async function stoppable<T>(
  cannot: string,
  run: (signal: AbortSignal) => Promise<T>,
  hint = "again; what was done stays, the rest follows",
): Promise<T> {
  const signals = listenForSignals();
  try {
    return await Promise.race([run(signals.stop), signals.second.then(() => Promise.reject(signals.stop.reason))]);
  } catch (error) {
    if (!signals.stop.aborted || error !== signals.stop.reason) throw error;
    throw new TryLaterError(`${cannot}: ${String(error)}`, { hint });
  } finally {
    signals.release();
  }
}

/** The slots that a person means: all there are, where neither a type nor a number is set. */
export function selectionOf({ settings, sources }: Loaded): SlotSelection {
  return {
    types: sources.type === "default" ? RULE_TYPES : settings.type,
    ids: sources.id === "default" ? "all" : settings.id,
  };
}

/** Loads the rules of some slots, from Redis or the file of the settings. Faults are part of what is loaded. */
export async function loadRules(loaded: Loaded, selection: SlotSelection): Promise<LoadedRules> {
  const { rules: place, redisChannel: channel } = loaded.settings;
  const cannot = "Cannot read the rules";
  if (place.kind === "file") {
    const store = new FileRuleStore({ path: place.path, slot: firstSlot(loaded), clock: systemClock() });
    return await stoppable(cannot, (signal) => store.load(signal));
  }
  return await withRedis(
    loaded,
    cannot,
    (redis, signal) => new RedisRuleStore({ redis, choice: fixedSlots(selection), channel }).load(signal),
  );
}

/** X's words on a rule that it has refused, as the one who applied the rules last has noted them. */
export async function noteOnRefusal(redis: RedisConnection): Promise<(rule: Rule) => string | undefined> {
  const refused = await readRefusedRules(redis);
  return ({ slot, value }) => refused.get(slotName(slot))?.get(value);
}

/** Where rules that name no slot belong. */
export function firstSlot({ settings }: Loaded): Slot {
  return { type: settings.type[0]!, id: settings.id === "all" ? 0 : settings.id[0]! };
}
