/** `traptor rules csv`: rules from a table of text. */

import { csvEntries } from "../../extract/csv_entries.ts";
import { sourceCommand } from "./extract.ts";
import { onlyFile, openWatched } from "./source_input.ts";

export const csv = sourceCommand({
  name: "csv",
  summary: "store rules from a table with a header line; - is stdin",
  usage: "FILE|- [flags]",
  about:
    `Reads a table whose first line names the columns. \`value\` must be there; \`tag\`, \`id\` (the rule's own) and \`type\`
(track or keyword, follow or username, geo, query) mean what they say; all other columns travel with every match. Fields
in double quotes may hold anything; commas, semicolons or tabs stand between fields.`,
  examples: `  traptor rules csv accounts.csv --type follow
  traptor rules csv keywords.csv --tag brand --dry-run
`,
  flags: [],
  settings: [],
  whatOf: ({ positionals }) => positionals.join(" "),
  async *entries({ given }, { watch }) {
    const input = await openWatched(onlyFile("csv", given), watch);
    yield* csvEntries(input.pieces, input.name);
  },
});
