/** `--dry-run`: the rules of a source with the slots that they would be stored in; nothing is stored. */

import { UnavailableError } from "../../base/errors.ts";
import type { Loaded } from "../../config/load.ts";
import { shown } from "../../model/outside_text.ts";
import type { RuleTable } from "../../model/rule_table.ts";
import { placeAlone, type Placing } from "../../rules/rule_placing.ts";
import type { StoreOptions } from "../../rules/rule_writer.ts";
import { writeError, writeOutput } from "../terminal.ts";
import { withRedis, writerOf } from "./shared.ts";

/** How much is gathered before it is written. */
const PIECE_LENGTH = 65_536;

/** Prints the rules, a JSON object a line. */
export async function printRules(table: RuleTable, options: StoreOptions, loaded: Loaded): Promise<void> {
  const placings = await placed(table, options, loaded);
  let text = "";
  for (const placing of placings) {
    for (const line of linesOf(placing)) {
      text += line;
      if (text.length > PIECE_LENGTH) {
        writeOutput(text);
        text = "";
      }
    }
  }
  writeOutput(text);
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
