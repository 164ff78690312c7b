/** `traptor rules json`: rules from JSON, and from whatever can write JSON. */

import { jsonEntries } from "../../extract/json_entries.ts";
import { sourceCommand } from "./extract.ts";
import { onlyFile, openWatched } from "./source_input.ts";

export const json = sourceCommand({
  name: "json",
  summary: "store rules from JSON or JSON lines; - is stdin, for a source of your own",
  usage: "FILE|- [flags]",
  about:
    `Reads a JSON list, {"rules": [...]}, or a JSON object a line. A rule is a value, or an object with a \`value\`, and, if it
likes, a \`tag\`, a \`rule_id\` of its own, and its slot as \`type\` and \`id\`; any other members travel with every match.
Numbers beyond 2^53 are kept exactly.`,
  examples: `  traptor rules json rules.json
  traptor rules json rules.jsonl --type follow --tag press --merge
  my-own-program | traptor rules json - --type query
`,
  flags: [],
  settings: [],
  whatOf: ({ positionals }) => positionals.join(" "),
  async *entries({ given }, { watch }) {
    const input = await openWatched(onlyFile("json", given), watch);
    yield* jsonEntries(input.pieces, input.name);
  },
});
