/** The app's bearer token and name, and where its state lives. */

import type { Clock } from "../base/clock.ts";
import { SettingsError, TransientError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { BACKOFF, retry } from "../base/retry.ts";
import type { Settings } from "../config/options.ts";
import type { Transport } from "../stream/transport.ts";
import { type Credentials, fetchBearerToken } from "../stream/twitter_client.ts";
import { XFailure } from "../stream/x_failure.ts";
import { endingOf } from "./x_endings.ts";

/** The credentials in the settings. Throws SettingsError when there are none. */
export function credentialsIn(settings: Settings): Credentials {
  const { bearerToken, consumerKey, consumerSecret } = settings;
  if (bearerToken !== undefined) return { bearerToken };
  if (consumerKey !== undefined && consumerSecret !== undefined) return { consumerKey, consumerSecret };
  throw new SettingsError("No X token is set", { hint: "`traptor --test --simulate`, or set BEARER_TOKEN" });
}

export interface TokenOptions {
  transport: Transport;
  clock: Clock;
  random: Random;
  events: Events;
}

/** The bearer token; for a key pair it is fetched, as often as it takes. Throws RefusedError when X refuses the pair. */
export async function bearerTokenFor(
  credentials: Credentials,
  { transport, clock, random, events }: TokenOptions,
  signal: AbortSignal,
): Promise<string> {
  return await retry(async () => {
    try {
      return await fetchBearerToken(credentials, { transport, clock }, signal);
    } catch (error) {
      if (!(error instanceof XFailure)) throw error;
      if (!error.mayHeal) throw endingOf(error);
      const wait = error.retryAfterMs;
      throw new TransientError(error.message, { cause: error, ...(wait === undefined ? {} : { retryAfterMs: wait }) });
    }
  }, {
    policy: BACKOFF.xHttp,
    clock,
    random,
    signal,
    onFailure: (error, waitMs) => events.emit("stream_backing_off", { cause: error.message, waitMs }),
  });
}

/** The app's name: the first 12 hex digits of its token's SHA-256. The token itself cannot be told from it. */
export async function appOf(bearerToken: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(bearerToken));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

/** The state directory of an app. Throws SettingsError when nothing tells where it could be. */
export function stateDirectoryFor(
  app: string,
  places: { settings: Settings; systemdStateDirectory: string | undefined; home: string | undefined },
): string {
  const named = places.settings.stateDirectory ?? places.systemdStateDirectory;
  if (named !== undefined) return named;
  if (places.home !== undefined) return `${places.home}/.local/state/traptor/${app}`;
  throw new SettingsError("Cannot tell where to keep state: neither TRAPTOR_STATE_DIR nor HOME is set", {
    hint: "--state-dir DIR",
  });
}
