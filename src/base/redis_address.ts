/** Where a Redis is: read from a URL or from single settings, into what a connection needs. */

import { SettingsError } from "./errors.ts";
import { decodedPart } from "./url_parts.ts";

/** Where Redis is: a URL, or the other four. */
export interface RedisAddress {
  /** `redis://` or `rediss://` (TLS), with user, password and database where they are needed. */
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly db?: number;
  readonly password?: string;
}

/** The same, complete. */
export interface RedisTarget {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly isTls: boolean;
  /** `host:port`, for people. */
  readonly place: string;
}

const DEFAULT_PORT = 6379;

/** Completes an address. Throws SettingsError when a URL's parts make no sense; its message holds no password. */
export function redisTarget(address: RedisAddress): RedisTarget {
  if (address.url !== undefined) return fromUrl(address.url);
  const { host = "localhost", port = DEFAULT_PORT, db = 0, password } = address;
  return { host, port, db, username: undefined, password, isTls: false, place: placeOf(host, port) };
}

function fromUrl(text: string): RedisTarget {
  const url = URL.parse(text);
  if (!url || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "") {
    throw unusable("it is no redis URL");
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  const path = url.pathname.replace(/^\//, "");
  if (!/^\d{0,6}$/.test(path)) throw unusable("what follows the host is no database number");
  return {
    host,
    port,
    db: Number(path),
    username: decodedPart(url.username, "user", unusable),
    password: decodedPart(url.password, "password", unusable),
    isTls: url.protocol === "rediss:",
    place: placeOf(host, port),
  };
}

function placeOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function unusable(why: string): SettingsError {
  return new SettingsError(`Cannot use REDIS_URL: ${why}`, { hint: "REDIS_URL=redis://:password@host:6379/0" });
}
