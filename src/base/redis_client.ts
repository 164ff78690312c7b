/**
 * A client of npm:ioredis, whose only importer this is: connected, signed in and in its database, or not there.
 *
 * Signing in and choosing the database are done here, not by the library, which would print a warning about a password
 * that was not needed.
 */

import { Redis as Client } from "ioredis";
import type { RedisTarget } from "./redis_address.ts";
import { isNeedlessPassword, redisFailure } from "./redis_failure.ts";

export type { Client };

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 5_000;

/** A client that is signed in and in its database. Throws TransientError. */
export async function connect(where: RedisTarget, signal: AbortSignal): Promise<Client> {
  const { host, port, username, password, db, isTls } = where;
  const client = new Client({
    host,
    port,
    ...(isTls ? { tls: {} } : {}),
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
  });
  // The library prints what nobody listens for. What the socket says is more telling than what connecting throws.
  let seen: Error | undefined;
  client.on("error", (error: Error) => seen ??= error);
  const stop = () => client.disconnect();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await client.connect();
    seen = undefined;
    if (password !== undefined) await signIn(client, username, password);
    if (db !== 0) await client.select(db);
    signal.throwIfAborted();
    return client;
  } catch (error) {
    client.disconnect();
    throw redisFailure(error, where, seen);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function signIn(client: Client, username: string | undefined, password: string): Promise<void> {
  try {
    if (username === undefined) await client.auth(password);
    else await client.auth(username, password);
  } catch (error) {
    // A Redis that is open to all takes the next command as well.
    if (!isNeedlessPassword(error)) throw error;
  }
}
