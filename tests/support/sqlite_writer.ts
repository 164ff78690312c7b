/** A process that writes tweets to a SQLite database until it is killed, and says after each batch up to where. */

import { SqliteSink } from "../../src/deliver/sqlite_sink.ts";
import { recordsOf } from "./records.ts";

const [path = "", from = "1"] = Deno.args;
const sink = new SqliteSink(path);
await sink.open();
for (let next = Number(from);; next += 7) {
  await sink.write(recordsOf(next, next + 6));
  console.log(next + 6);
}
