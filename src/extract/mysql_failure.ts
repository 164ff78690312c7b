/**
 * What can go wrong with MySQL, in our words. The library's errors go no further, not even as a cause: they may carry
 * what the connection was made with.
 */

import { type EndingError, SettingsError, TryLaterError, UnavailableError } from "../base/errors.ts";
import { shown } from "../model/outside_text.ts";
import type { MysqlAddress } from "./mysql_address.ts";

/** Nothing of what was read is kept when the connection ends too early. */
const AGAIN = "again; nothing was stored, for not all rules were read";

/** Whatever the library threw, as the error that a person sees. `rows` is how many were read before. */
export function mysqlFailure(error: unknown, address: MysqlAddress, rows: number): EndingError {
  const { database, host, password, port, user } = address;
  const place = `MySQL at ${host.includes(":") ? `[${host}]` : host}:${port}`;
  const cannot = `Cannot read rules from ${place}`;
  const code = String((error as { code?: unknown } | null)?.code ?? "");
  const said = error instanceof Error ? error.message : String(error);
  const words = shown(password ? said.replaceAll(password, "***") : said, 300);
  if (rows > 0 && !code.startsWith("ER_")) {
    return new TryLaterError(`${cannot}: the connection was lost after ${rows} rows`, { hint: AGAIN });
  }
  switch (code) {
    case "ECONNREFUSED":
      return new UnavailableError(`${cannot}: nothing answers there`, {
        hint: "MYSQL_HOST and MYSQL_PORT, or MYSQL_URL",
      });
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UnavailableError(`${cannot}: the host is not known`, { hint: "MYSQL_HOST, or MYSQL_URL" });
    case "ETIMEDOUT":
    case "PROTOCOL_SEQUENCE_TIMEOUT":
      return new UnavailableError(`${cannot}: it does not answer in time`, { hint: "again when it does" });
    case "ER_ACCESS_DENIED_ERROR":
    case "ER_DBACCESS_DENIED_ERROR":
    case "ER_ACCESS_DENIED_NO_PASSWORD_ERROR":
      return new SettingsError(`${cannot}: it refuses the login of ${shown(user, 80)}`, {
        hint: "MYSQL_USER, MYSQL_DATABASE, and MYSQL_PASSWORD or MYSQL_PASSWORD_FILE",
      });
    case "ER_BAD_DB_ERROR":
      return new SettingsError(`${cannot}: it has no database ${shown(database, 80)}`, { hint: "MYSQL_DATABASE" });
    case "HANDSHAKE_NO_SSL_SUPPORT":
      return new SettingsError(`${cannot}: it does not speak TLS`, { hint: "mysql:// instead of mysqls://" });
    case "HANDSHAKE_SSL_ERROR":
      return new SettingsError(`${cannot}: its certificate cannot be trusted: ${words}`, {
        hint: "the host's name as its certificate has it, and a certificate of an authority that this machine knows",
      });
    case "PROTOCOL_CONNECTION_LOST":
    case "ECONNRESET":
      return new TryLaterError(`${cannot}: the connection was lost`, { hint: AGAIN });
  }
  if (code.startsWith("ER_")) {
    return new SettingsError(`${cannot}: it refuses the query: ${words}`, {
      hint: "--query with one that it takes: select tag, value from ...",
    });
  }
  return new UnavailableError(`${cannot}: ${words}`, { hint: "MYSQL_HOST and MYSQL_PORT, or MYSQL_URL" });
}
