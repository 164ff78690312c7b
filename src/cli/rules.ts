/** `traptor rules`: the whole life of a rule. One file a part. */

import { UsageError } from "../base/errors.ts";
import type { Command } from "./command.ts";
import { apply } from "./rules/apply.ts";
import { clear } from "./rules/clear.ts";
import { csv } from "./rules/csv.ts";
import { exportRules } from "./rules/export.ts";
import { gnip } from "./rules/gnip.ts";
import { history } from "./rules/history.ts";
import { json } from "./rules/json.ts";
import { lint } from "./rules/lint.ts";
import { list } from "./rules/list.ts";
import { mysql } from "./rules/mysql.ts";
import { plan } from "./rules/plan.ts";
import { rollback } from "./rules/rollback.ts";
import { text } from "./rules/text.ts";
import { table } from "./terminal.ts";

const SOURCES: readonly Command[] = [text, csv, json, gnip, mysql];
const STORED: readonly Command[] = [list, lint, exportRules, clear, history, rollback];
const AT_X: readonly Command[] = [plan, apply];
const PARTS: readonly Command[] = [...SOURCES, ...STORED, ...AT_X];

/** How wide the names of the commands are. */
const NAME_WIDTH = Math.max(...PARTS.map(({ name }) => name.length));

export const rules: Command = {
  name: "rules",
  summary: "store, check, plan, apply and roll back rules: traptor rules --help",
  parts: PARTS,
  help: () =>
    `traptor rules COMMAND [flags]

A rule says which tweets you want. Rules are kept in Redis, in slots: a slot is a type and a number, such as track:0.
The type says how a rule's value is read:

  track     words that must all be there: deno kafka; commas mean "or": deno,bun; "quoted words" stay together;
            #hashtag, @account, $TSLA and https://addresses keep their meaning
  follow    an account, by name or number: nasa, 11348282; its posts, the replies to them and their retweets
  geo       an area: west,south,east,north in degrees: -74.1,40.6,-73.8,40.9; or a GeoJSON polygon
  query     X's own language, for all else: (deno OR bun) lang:en -is:retweet; there a space means "and", OR means "or",
            a minus means "not", and brackets group

A rule may have a tag, a word of your own: every tweet that is collected carries the rules that it matched, with their
tags. \`traptor rules lint\` says what is wrong with a rule and what to write instead.

X has rules of its own, made from yours, and limits their number. \`traptor\` keeps them as yours are; where yours are too
many it lets several share one of X's, and still names for each tweet the very rules that it matched.

Put rules in:
${rows(SOURCES)}
Look after them:
${rows(STORED)}
At X:
${rows(AT_X)}
A first time:
  echo 'deno,bun' > words.txt
  traptor rules text words.txt --tag runtimes     store it in track:0
  traptor rules lint                              is anything wrong with it?
  export BEARER_TOKEN=...                         the token of your app at X, for what follows
  traptor rules plan                              what would change at X
  traptor                                         collect: it applies the rules by itself

\`traptor rules COMMAND --help\` explains each, with examples.
`,
  run: () => {
    throw new UsageError("Cannot tell what to do with the rules: a command is missing", {
      hint: "`traptor rules --help`",
    });
  },
};

function rows(commands: readonly Command[]): string {
  return table(commands.map(({ name, summary }) => [`  ${name.padEnd(NAME_WIDTH)}`, summary]));
}
