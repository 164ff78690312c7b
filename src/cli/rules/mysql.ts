/** `traptor rules mysql`: rules from a table. */

import { systemClock } from "../../base/clock.ts";
import type { Loaded } from "../../config/load.ts";
import { type MysqlAddress, mysqlAddress } from "../../extract/mysql_address.ts";
import { mysqlEntries } from "../../extract/mysql_rows.ts";
import { refusePositionals } from "../arguments.ts";
import { sourceCommand } from "./extract.ts";

export const mysql = sourceCommand({
  name: "mysql",
  summary: "store rules from MySQL or MariaDB",
  usage: "[--type TYPE] [--query SQL] [flags]",
  about: `Reads the rows of a query; unless another is given, that of the Python program:

  select tag, value from rules where type = 'username'      for --type follow; 'keyword' for track, 'geo' for geo

The column \`value\` must be there; \`tag\`, \`id\` (the rule's own) and \`type\` mean what they say; all other columns travel
with every match. Values are mended as ever: the number of an account is picked out of a follow value,
url_contains:"x.y" becomes words, brackets and spaces of an area become commas.`,
  examples: `  traptor rules mysql --type follow
  traptor rules mysql --query "select id, tag, value, type, project from rules where active = 1"
  MYSQL_URL=mysqls://reader@db.example.org/traptor MYSQL_PASSWORD_FILE=/run/secrets/mysql traptor rules mysql
`,
  flags: [{ name: "query", placeholder: "SQL", help: "what to read instead" }],
  settings: ["mysql-url", "mysql-host", "mysql-port", "mysql-user", "mysql-database"],
  whatOf: () => "",
  entries({ given, loaded }, { type }) {
    refusePositionals("rules mysql", given);
    return mysqlEntries({ address: addressOf(loaded), query: given.values["query"], type, clock: systemClock() });
  },
});

function addressOf({ settings }: Loaded): MysqlAddress {
  const { mysqlDatabase: database, mysqlHost: host, mysqlPassword: password, mysqlPort: port, mysqlUser: user } =
    settings;
  if (settings.mysqlUrl !== undefined) return mysqlAddress(settings.mysqlUrl, { user, password, database });
  return { host, port, user, password, database, isTls: false };
}
