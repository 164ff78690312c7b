/** `traptor rules gnip`: rules from GNIP's files. */

import { UsageError } from "../../base/errors.ts";
import { GNIP_READINGS, gnipEntries, type GnipReading, isAccountsAlone } from "../../extract/gnip_readings.ts";
import { gnipRules } from "../../extract/gnip_rules.ts";
import { wholeText } from "../../extract/input.ts";
import { shown } from "../../model/outside_text.ts";
import type { Arguments } from "../arguments.ts";
import { counted } from "../figures.ts";
import { writeError } from "../terminal.ts";
import { sourceCommand } from "./extract.ts";
import { openWatched } from "./source_input.ts";

export const gnip = sourceCommand({
  name: "gnip",
  summary: "store rules from GNIP's files: accounts, keywords, or PowerTrack rules in X's language",
  usage: "FILE... [--as follow|track|query] [flags]",
  about:
    `Reads GNIP's rule files, answers of its API, JSON lines or plain lists; several files are one source. A rule is read as

  follow    the accounts that it names with from:, by name or number; its other conditions are left out (the default)
  track     its words, where it is nothing but words, phrases, hashtags, accounts and cashtags
  query     the whole rule in X's language: operators renamed, and what X does not have refused with its place

A rule keeps its tag; the id that GNIP gave it travels along as gnip_id.`,
  examples: `  traptor rules gnip accounts.json
  traptor rules gnip rules-1.json rules-2.json --as query --refused refused.jsonl
  traptor rules gnip powertrack.json --as track --dry-run
`,
  flags: [{
    name: "as",
    placeholder: "follow|track|query",
    help: "what rules are read as, and so their type; default follow",
  }],
  settings: [],
  typeOf: readingOf,
  whatOf: (given) => `--as ${readingOf(given)} ${given.positionals.join(" ")}`,
  async *entries({ given }, { signal, watch }) {
    const { positionals: paths } = given;
    if (paths.length === 0) {
      throw new UsageError("Cannot tell what to read: `traptor rules gnip` takes files, or - for stdin", {
        hint: "traptor rules gnip rules.json",
      });
    }
    const reading = readingOf(given);
    let narrowed = 0;
    for (const path of paths) {
      signal.throwIfAborted();
      const input = await openWatched(path, watch);
      const rules = gnipRules(await wholeText(input), input.name);
      for (const rule of rules) {
        const entries = [...gnipEntries([rule], reading)];
        const isKept = entries.some(({ kind }) => kind === "rule");
        if (reading === "follow" && isKept && rule.kind === "gnip" && !isAccountsAlone(rule)) narrowed += 1;
        yield* entries;
      }
    }
    if (narrowed > 0) {
      writeError(
        `${
          counted(narrowed, "rule")
        } said more than accounts, of which only the accounts are kept: --as query keeps all\n`,
      );
    }
  },
});

/** What rules are read as; a type says it as well. Throws UsageError. */
function readingOf({ values }: Arguments): GnipReading {
  const { as, type } = values;
  const word = as ?? type ?? "follow";
  const reading = GNIP_READINGS.find((known) => known === word);
  if (reading && (type ?? word) === word) return reading;
  const why = reading ? `their type would be ${shown(type!, 40)}` : "there is no such reading";
  throw new UsageError(`Cannot read rules as ${shown(word, 40)}: ${why}`, {
    hint: `--as ${GNIP_READINGS.join(", --as ")}`,
  });
}
