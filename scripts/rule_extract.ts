/**
 * For those who had the Python program's `rule_extract.py`: `follow`, `track` or `geo` reads the rules of that type from
 * MySQL, file names are read as GNIP's. It is `traptor rules mysql --type TYPE`, or `traptor rules gnip FILE...`, from
 * source; further flags are passed on.
 *
 *   deno run -A --no-config --no-lock scripts/rule_extract.ts follow
 *   deno run -A --no-config --no-lock scripts/rule_extract.ts gnip-rules.json --tag press
 *
 * @module
 */
import { start } from "./run/program.ts";

const TYPES = ["follow", "track", "geo", "locations", "query"];

/** The arguments of `traptor` for those of this script; undefined when there are none. */
export function traptorArguments([first, ...rest]: readonly string[]): string[] | undefined {
  if (first === undefined || first.startsWith("-")) return undefined;
  return TYPES.includes(first) ? ["rules", "mysql", "--type", first, ...rest] : ["rules", "gnip", first, ...rest];
}

if (import.meta.main) {
  const args = traptorArguments(Deno.args);
  if (args) Deno.exit(await start(args));
  console.error("Cannot tell which rules to read: a type, or files of GNIP's, are missing.");
  console.error("Try: rule_extract.ts follow, or rule_extract.ts FILE...; the settings MYSQL_* say where MySQL is.");
  Deno.exit(64);
}
