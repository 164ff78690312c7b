/**
 * What all sources of rules have in common on the command line: gather everything first, then store it slot by slot, or
 * print it; and say what became of every entry.
 */

import { systemClock } from "../../base/clock.ts";
import { SettingsError, UsageError } from "../../base/errors.ts";
import { tierOf, translationOf } from "../../collector/assemble.ts";
import type { Loaded } from "../../config/load.ts";
import type { Refusal } from "../../extract/entry.ts";
import { type ExtractionCounts, gatherRules } from "../../extract/extraction.ts";
import type { RuleTable } from "../../model/rule_table.ts";
import { shown } from "../../model/outside_text.ts";
import type { Slot } from "../../model/slot.ts";
import type { SlotChange, StoreOptions } from "../../rules/rule_writer.ts";
import type { Arguments } from "../arguments.ts";
import type { Command } from "../command.ts";
import { counted, figure } from "../figures.ts";
import { Progress } from "../progress.ts";
import { writeError, writeOutput } from "../terminal.ts";
import { printRules } from "./dry_run.ts";
import { RefusedFile } from "./refused_file.ts";
import { flagsHelp, type Given, readGiven, stoppable, withRedis, writerOf } from "./shared.ts";
import type { SourceCommand } from "./source.ts";
import { flagsOf, SOURCE_SETTINGS, startOf, storeOptions } from "./source_flags.ts";
import { slotJson, storedSummary } from "./stored_summary.ts";

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

${flagsHelp(flagsOf(source), [...source.settings, ...SOURCE_SETTINGS])}
Examples:
${source.examples}`,
    async run(args) {
      const given = await readGiven(source.name, args, flagsOf(source));
      return await extract(source, given);
    },
  };
}

async function extract(source: SourceCommand, { given, loaded }: Given): Promise<number> {
  const start = startOf(source, given, loaded);
  const options = storeOptions(source, given, loaded, start.id);
  const isDry = given.switches.has("dry-run");
  if (!isDry) refuseFile(loaded, source.name);
  const refused = await RefusedFile.open(refusedPath(given));
  const progress = new Progress(systemClock());
  try {
    const { table, counts } = await stoppable(
      "Cannot read the rules",
      (signal) => gathered(source, { given, loaded }, start, refused, progress, signal),
      "again; nothing was stored",
    );
    progress.end();
    refused.close();
    tellRefusals(counts, refused);
    if (isDry) {
      await printRules(table, options, loaded);
      writeError(storedSummary(table, counts, undefined, start.id));
      return 0;
    }
    const changes = await stored(table, counts, options, loaded, progress);
    progress.end();
    if (given.switches.has("json")) {
      writeOutput(`${JSON.stringify({ ...counts, kept: table.size, slots: changes.map(slotJson) })}\n`);
    } else writeError(storedSummary(table, counts, changes, start.id));
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
  if (told > MOST_SHOWN) writeError(`and ${figure(told - MOST_SHOWN)} more\n`);
  if (count > 0) {
    writeError(path === undefined ? "--refused FILE keeps what was refused\n" : `All refused are in ${shown(path)}\n`);
  }
}

/** Stores the rules. Throws SettingsError when none would take the place of some: nobody wants that by accident. */
async function stored(
  table: RuleTable,
  { read }: ExtractionCounts,
  options: StoreOptions,
  loaded: Loaded,
  progress: Progress,
): Promise<SlotChange[]> {
  if (table.size === 0) {
    const why = read === 0 ? "the source holds none" : "none of the source can be used";
    throw new SettingsError(`Cannot store the rules: ${why}, so nothing was changed`, {
      hint: "--dry-run with the source mended; `traptor rules clear SLOT` removes all rules of a slot",
    });
  }
  return await withRedis(loaded, "Cannot store the rules", async (redis, signal) => {
    const onProgress = (done: number, all: number) =>
      progress.show(`${figure(done)} of ${counted(all, "slot")} stored`, done / all);
    return await writerOf(redis, loaded, onProgress).store(table, options, signal);
  });
}

/** Where what is refused is to be kept. Throws UsageError when a source would be overwritten. */
function refusedPath({ positionals, values }: Arguments): string | undefined {
  const path = values["refused"];
  if (path === undefined || !positionals.includes(path)) return path;
  throw new UsageError(`Cannot write what is refused into ${shown(path)}: the rules are read from it`, {
    hint: "--refused with another file",
  });
}

function refuseFile({ settings: { rules } }: Loaded, name: string): void {
  if (rules.kind !== "file") return;
  throw new SettingsError(`Cannot store the rules: TRAPTOR_RULES names the file ${rules.path}, not Redis`, {
    hint: `traptor rules ${name} ... --dry-run > ${rules.path}, or --rules redis`,
  });
}
