/**
 * What all sources of rules have in common on the command line: gather everything first, then store it slot by slot, or
 * print it; and say what became of every entry.
 */

import { systemClock } from "../../base/clock.ts";
import type { RedisConnection } from "../../base/redis.ts";
import { SettingsError, UnavailableError, UsageError } from "../../base/errors.ts";
import { tierOf, translationOf } from "../../collector/assemble.ts";
import type { Loaded } from "../../config/load.ts";
import type { Entry, Refusal } from "../../extract/entry.ts";
import { type ExtractionCounts, gatherRules } from "../../extract/extraction.ts";
import type { Input } from "../../extract/input.ts";
import type { RuleTable } from "../../model/rule_table.ts";
import { shown } from "../../model/outside_text.ts";
import { type RuleType, type Slot, slotName } from "../../model/slot.ts";
import { placeAlone, type Placing } from "../../rules/rule_placing.ts";
import { RuleWriter, type SlotChange, type StoreOptions } from "../../rules/rule_writer.ts";
import { type Arguments, type Flag, wholeNumber } from "../arguments.ts";
import type { Command } from "../command.ts";
import { Progress } from "../progress.ts";
import { writeError, writeOutput } from "../terminal.ts";
import { who } from "../who.ts";
import {
  counted,
  flagsHelp,
  type Given,
  JSON_FLAG,
  PLACE_SETTINGS,
  readGiven,
  stoppable,
  withRedis,
} from "./shared.ts";
import { RefusedFile } from "./refused_file.ts";
import { storedSummary } from "./stored_summary.ts";

/** The flags of every source. */
const COMMON_FLAGS: readonly Flag[] = [
  { name: "tag", placeholder: "TEXT", help: "give every rule this tag instead of its own" },
  { name: "replace", help: "the new rules take the place of those there; this is the default" },
  { name: "merge", help: "the new rules join those there; the tags of equal ones are kept" },
  {
    name: "layout",
    placeholder: "set|hash",
    help: "how Redis holds them: a set a slot (the default), or a hash a rule",
  },
  { name: "per-slot", placeholder: "N", help: "how many rules a slot holds, instead of the limit of its type" },
  { name: "dry-run", help: "store nothing; print the rules with their slots, a JSON object a line" },
  { name: "refused", placeholder: "FILE", help: "write what is refused there, with the reasons, a JSON object a line" },
  JSON_FLAG,
];

const LIMIT_SETTINGS = ["track-per-slot", "follow-per-slot", "geo-per-slot", "query-per-slot"];

/** A source as a command. */
export interface SourceCommand {
  readonly name: string;
  readonly summary: string;
  /** What comes after `traptor rules NAME`. */
  readonly usage: string;
  /** What it reads, for the help. */
  readonly about: string;
  readonly examples: string;
  readonly flags: readonly Flag[];
  /** Settings that matter to this source alone. */
  readonly settings: readonly string[];
  /** The type of rules without one of their own, where the source itself says it. */
  typeOf?(given: Arguments): RuleType | undefined;
  /** What is read, for the history, without secrets. */
  whatOf(given: Arguments): string;
  /** The entries; `watch` hears of the part of the source that is read. Throws UsageError, ExtractError, SettingsError. */
  entries(given: Given, source: { type: RuleType; signal: AbortSignal; watch: Watch }): AsyncIterable<Entry>;
}

/** Hears how much of a source was read, from 0 to 1. */
export type Watch = (part: number) => void;

/** How many refusals are shown one by one. */
const MOST_SHOWN = 20;

/** Makes the command of a source. */
export function sourceCommand(source: SourceCommand): Command {
  return {
    name: source.name,
    summary: source.summary,
    help: () =>
      `traptor rules ${source.name} ${source.usage}

${source.about}

Nothing is stored before the whole source was read. Rules are stored in Redis, in the slot TYPE:ID and, beyond the limit
of a slot, in the next ones; a rule stays in its slot when others come and go. Running collectors are told.

${flagsHelp([...source.flags, ...COMMON_FLAGS], [...PLACE_SETTINGS, ...source.settings, ...LIMIT_SETTINGS])}
Examples:
${source.examples}`,
    async run(args) {
      const given = await readGiven(source.name, args, [...source.flags, ...COMMON_FLAGS]);
      return await extract(source, given);
    },
  };
}

async function extract(source: SourceCommand, { given, loaded }: Given): Promise<number> {
  const start = startOf(source, given, loaded);
  const options = storeOptions(source, given, loaded, start.id);
  const isDry = given.switches.has("dry-run");
  if (!isDry) refuseFile(loaded, source.name);
  const refused = await RefusedFile.open(given.values["refused"]);
  const progress = new Progress(systemClock());
  try {
    const { table, counts } = await stoppable(
      "Cannot read the rules",
      (signal) => gathered(source, { given, loaded }, start, refused, progress, signal),
    );
    progress.end();
    refused.close();
    tellRefusals(counts, refused);
    if (isDry) return await printed(table, options, counts, loaded);
    const changes = await stored(table, options, loaded, progress);
    if (given.switches.has("json")) {
      writeOutput(`${JSON.stringify({ ...counts, kept: table.size, slots: changes.map(slotJson) })}\n`);
    } else writeError(storedSummary(table, counts, changes));
    return 0;
  } finally {
    progress.end();
    refused.close();
  }
}

async function gathered(
  source: SourceCommand,
  given: Given,
  start: Slot,
  refused: RefusedFile,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ table: RuleTable; counts: ExtractionCounts }> {
  const { settings } = given.loaded;
  let part: number | undefined;
  const entries = source.entries(given, { type: start.type, signal, watch: (read) => part = read });
  return await gatherRules(entries, {
    type: start.type,
    tag: given.given.values["tag"],
    translation: translationOf(settings),
    tier: tierOf(settings),
    onRefusal: (refusal) => {
      refused.add(refusal);
      if (refused.count <= MOST_SHOWN) {
        progress.end();
        writeError(`${refusalText(refusal)}\n`);
      }
    },
    onProgress: ({ read }) => progress.show(`${counted(read, "rule")} read`, part),
  }, signal);
}

function refusalText({ where, value, reason }: Refusal): string {
  return `${shown(where, 200)}${value === "" ? "" : `: ${shown(value, 120)}`}\n  refused: ${shown(reason, 600)}`;
}

function tellRefusals({ refused: count }: ExtractionCounts, { count: told, path }: RefusedFile): void {
  if (told > MOST_SHOWN) writeError(`and ${counted(told - MOST_SHOWN, "more refused")}\n`);
  if (count > 0) {
    writeError(path === undefined ? "--refused FILE keeps what was refused\n" : `All refused are in ${shown(path)}\n`);
  }
}

/** Stores the rules. Throws SettingsError when none would take the place of some: nobody wants that by accident. */
async function stored(
  table: RuleTable,
  options: StoreOptions,
  loaded: Loaded,
  progress: Progress,
): Promise<SlotChange[]> {
  if (table.size === 0) {
    throw new SettingsError("Cannot store the rules: there are none that could be used, so nothing was changed", {
      hint: "--dry-run with the source mended; `traptor rules clear SLOT` removes all rules of a slot",
    });
  }
  return await withRedis(loaded, "Cannot store the rules", async (redis, signal) => {
    const onProgress = (done: number, all: number) => progress.show(`${counted(all, "slot")} to store`, done / all);
    return await writerOf(redis, loaded, onProgress).store(table, options, signal);
  });
}

function writerOf(
  redis: RedisConnection,
  loaded: Loaded,
  onProgress: (done: number, all: number) => void = () => {},
): RuleWriter {
  const { settings: { redisChannel: channel } } = loaded;
  return new RuleWriter({ redis, channel, clock: systemClock(), by: who(loaded), onProgress });
}

/** Prints the rules with the slots that they would be stored in. */
async function printed(
  table: RuleTable,
  options: StoreOptions,
  counts: ExtractionCounts,
  loaded: Loaded,
): Promise<number> {
  const placings = await placed(table, options, loaded);
  let text = "";
  for (const placing of placings) {
    for (const line of linesOf(placing)) {
      text += line;
      if (text.length > 65_536) {
        writeOutput(text);
        text = "";
      }
    }
  }
  writeOutput(text);
  writeError(storedSummary(table, counts, undefined));
  return 0;
}

/** The slots of the rules; where Redis is not used, or does not answer, as if it were empty. */
async function placed(table: RuleTable, options: StoreOptions, loaded: Loaded): Promise<Placing[]> {
  const alone = () =>
    table.tables.map((rules) => placeAlone(rules, { ...options, perSlot: options.perSlot(rules.type) }));
  if (loaded.settings.rules.kind === "file") return alone();
  try {
    const cannot = "Cannot look up the slots that rules have now";
    return await withRedis(loaded, cannot, (redis, signal) => writerOf(redis, loaded).place(table, options, signal));
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    writeError(`${shown(error.message)}; they are shown as for an empty Redis\n`);
    return alone();
  }
}

function* linesOf({ start: { type }, table, places }: Placing): Generator<string> {
  for (const [id, ofSlot] of [...places].sort(([a], [b]) => a - b)) {
    for (const place of ofSlot) yield `${JSON.stringify({ type, id, ...table.fieldsAt(place) })}\n`;
  }
}

function slotJson({ slot, ...counts }: SlotChange) {
  return { slot: slotName(slot), ...counts };
}

/** The slot at which the rules begin. Throws UsageError when several are named. */
function startOf(source: SourceCommand, given: Arguments, loaded: Loaded): Slot {
  const { type, id } = loaded.settings;
  const own = source.typeOf?.(given);
  if (own === undefined && type.length > 1) {
    throw new UsageError(`Cannot store rules of the types ${type.join(", ")} at once: a rule without a type has one`, {
      hint: `--type ${type[0]}`,
    });
  }
  if (id === "all" || id.length > 1) {
    throw new UsageError("Cannot store rules in several slots at once: they begin in one, and go on in the next", {
      hint: "--id 0",
    });
  }
  return { type: own ?? type[0]!, id: id[0]! };
}

function storeOptions(source: SourceCommand, given: Arguments, { settings }: Loaded, startId: number): StoreOptions {
  const { values, switches } = given;
  if (switches.has("replace") && switches.has("merge")) {
    throw new UsageError("Cannot use --replace together with --merge: the new rules do one or the other", {
      hint: `traptor rules ${source.name} --help`,
    });
  }
  const layout = values["layout"] ?? "set";
  if (layout !== "set" && layout !== "hash") {
    throw new UsageError(`Cannot use --layout ${shown(layout, 40)}: there is no such layout`, { hint: "set, or hash" });
  }
  const own = values["per-slot"];
  const limit = own === undefined ? undefined : wholeNumber("per-slot", own, 1, 1_000_000);
  const limits = {
    track: settings.trackPerSlot,
    follow: settings.followPerSlot,
    geo: settings.geoPerSlot,
    query: settings.queryPerSlot,
  };
  return {
    startId,
    layout,
    mode: switches.has("merge") ? "merge" : "replace",
    perSlot: (type) => limit ?? limits[type],
    what: `rules ${source.name} ${source.whatOf(given)}`.trim(),
  };
}

function refuseFile({ settings: { rules } }: Loaded, name: string): void {
  if (rules.kind !== "file") return;
  throw new SettingsError(`Cannot store the rules: TRAPTOR_RULES names the file ${rules.path}, not Redis`, {
    hint: `traptor rules ${name} ... --dry-run > ${rules.path}, or --rules redis`,
  });
}

/** The one file that a command reads, or stdin. Throws UsageError. */
export function onlyFile(command: string, { positionals }: Arguments): string {
  const [path, another] = positionals;
  if (path === undefined || another !== undefined) {
    throw new UsageError(`Cannot tell what to read: \`traptor rules ${command}\` takes one file, or - for stdin`, {
      hint: `\`traptor rules ${command} --help\``,
    });
  }
  return path;
}

/** Tells a watcher which part of an input was read. */
export function watchInput(input: () => Input | undefined, watch: Watch): (bytes: number) => void {
  return (bytes) => {
    const size = input()?.size;
    if (size !== undefined && size > 0) watch(bytes / size);
  };
}
