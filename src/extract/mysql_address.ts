/** Where a MySQL is: read from a URL or from single settings, into what a connection needs. */

import { SettingsError } from "../base/errors.ts";
import { decodedPart } from "../base/url_parts.ts";

export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly isTls: boolean;
}

const DEFAULT_PORT = 3306;

/**
 * The address in `mysql://user:password@host:3306/database`, `mysqls://` for TLS; what a URL leaves out is taken from
 * `others`. Throws SettingsError when its parts make no sense; the message holds no password.
 */
export function mysqlAddress(
  text: string,
  others: { readonly user: string; readonly password: string | undefined; readonly database: string },
): MysqlAddress {
  const url = URL.parse(text);
  if (!url || !["mysql:", "mysqls:"].includes(url.protocol) || url.hostname === "") {
    throw unusable("it is no mysql URL");
  }
  const database = decodedPart(url.pathname.replace(/^\//, ""), "database", unusable);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    user: decodedPart(url.username, "user", unusable) ?? others.user,
    password: decodedPart(url.password, "password", unusable) ?? others.password,
    database: database ?? others.database,
    isTls: url.protocol === "mysqls:",
  };
}

function unusable(why: string): SettingsError {
  return new SettingsError(`Cannot use MYSQL_URL: ${why}`, {
    hint: "MYSQL_URL=mysql://user:password@host:3306/database",
  });
}
