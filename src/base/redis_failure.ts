/** What can go wrong with Redis, in our words. The library's errors carry the command with its arguments, a password
 * among them, so none of them goes further, not even as a cause. */

import { TransientError } from "./errors.ts";
import type { RedisTarget } from "./redis_address.ts";

/** A key holds another type of value than the one it was read as. */
export class WrongKeyTypeError extends Error {
  override readonly name = "WrongKeyTypeError";

  /** `type` is what the key holds, in Redis's word: `string`, `list`, `hash`, `zset`, `stream`. */
  constructor(readonly key: string, readonly type: string) {
    super(`the key ${key} holds a value of the type ${type}`);
  }
}

/** Whether it is Redis that has not done something: it is away, or a key holds something else. What else goes wrong is a bug. */
export function isRedisFailure(error: unknown): error is TransientError | WrongKeyTypeError {
  return error instanceof TransientError || error instanceof WrongKeyTypeError;
}

/** Whether Redis says that a key is of another type. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("WRONGTYPE");
}

/** Whether a command got no answer in time. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === "Command timed out";
}

/** Whether Redis says that the password it was given is not needed. */
export function isNeedlessPassword(error: unknown): boolean {
  return error instanceof Error &&
    /no password is set|without any password configured/.test(error.message);
}

/** Whatever the library threw, as an error that callers may try again after. `seen` is what the socket reported. */
export function redisFailure(error: unknown, target: RedisTarget, seen?: Error): TransientError {
  const cause = seen ?? error;
  const words = cause instanceof Error ? cause.message || cause.name : String(cause);
  const safe = target.password ? words.replaceAll(target.password, "***") : words;
  return new TransientError(explained(safe, (cause as { code?: unknown }).code, target));
}

function explained(words: string, code: unknown, { host, place, db }: RedisTarget): string {
  if (code === "ECONNREFUSED" || /ECONNREFUSED|connection refused/i.test(words)) return `nothing answers at ${place}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || /ENOTFOUND|EAI_AGAIN/.test(words)) {
    return `the host ${host} is not known`;
  }
  if (code === "ETIMEDOUT" || words === "Command timed out") return `${place} does not answer in time`;
  if (/^NOAUTH/.test(words)) return `Redis at ${place} asks for a password`;
  if (/^WRONGPASS|invalid password/.test(words)) return `Redis at ${place} refused the password`;
  if (/DB index/.test(words)) return `Redis at ${place} has no database ${db}`;
  if (/^LOADING/.test(words)) return `Redis at ${place} is still loading its data`;
  if (/Connection is closed|isn't writeable/.test(words)) return `the connection to ${place} was lost`;
  return `Redis at ${place}: ${words}`;
}
