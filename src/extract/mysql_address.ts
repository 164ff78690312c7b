/** Where a MySQL is: read from a URL or from single settings, into what a connection needs. */

import { SettingsError } from "../base/errors.ts";

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
  const database = decoded(url.pathname.replace(/^\//, ""), "database");
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    user: decoded(url.username, "user") ?? others.user,
    password: decoded(url.password, "password") ?? others.password,
    database: database ?? others.database,
    isTls: url.protocol === "mysqls:",
  };
}

function decoded(text: string, what: string): string | undefined {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // The error's own words would quote the password.
    throw unusable(`a % in its ${what} begins no percent-encoded character`);
  }
}

function unusable(why: string): SettingsError {
  return new SettingsError(`Cannot use MYSQL_URL: ${why}`, {
    hint: "MYSQL_URL=mysql://user:password@host:3306/database",
  });
}
