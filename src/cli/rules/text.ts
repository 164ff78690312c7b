/** `traptor rules text`: rules from plain text. */

import { textEntries } from "../../extract/lines.ts";
import { sourceCommand } from "./extract.ts";
import { onlyFile, openWatched } from "./source_input.ts";

export const text = sourceCommand({
  name: "text",
  summary: "store rules from plain text, a value a line; - is stdin",
  usage: "FILE|- [flags]",
  about:
    `Reads a rule a line. Empty lines are passed over, and so are comments, lines that begin with "# "; #deno is a rule.`,
  examples: `  traptor rules text keywords.txt
  traptor rules text accounts.txt --type follow --tag press
  grep -v draft queries.txt | traptor rules text - --type query
`,
  flags: [],
  settings: [],
  whatOf: ({ positionals }) => positionals.join(" "),
  async *entries({ given }, { watch }) {
    const input = await openWatched(onlyFile("text", given), watch);
    yield* textEntries(input.pieces, input.name);
  },
});
