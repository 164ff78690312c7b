/**
 * npm:twitter-api-v2, whose only importer this is. The library builds and signs the requests and types the answers; they
 * travel through our own `Transport` (by its request hook), so that proxies, private CAs and other addresses hold here as
 * they do for the stream, and failures are told apart in one place.
 * Its stream reader is not used: it tears characters and cannot be trusted to reconnect (see this room's README).
 */

import { type ITwitterApiBeforeRequestConfigHookArgs, type ITwitterApiClientPlugin, TwitterApi } from "twitter-api-v2";
import type { Clock } from "../base/clock.ts";
import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import type { Token } from "./token.ts";
import type { Transport } from "./transport.ts";
import { failureOf, networkFailure, XFailure } from "./x_failure.ts";

/** How long one request may take, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Credentials of an app: its bearer token, or the key pair from which one is fetched. */
export type Credentials =
  | { readonly bearerToken: string }
  | { readonly consumerKey: string; readonly consumerSecret: string };

export interface TwitterApiOptions {
  transport: Transport;
  clock: Clock;
}

/** The app-only bearer token for credentials; asks X only for a key pair. Throws XFailure. */
export async function fetchBearerToken(
  credentials: Credentials,
  options: TwitterApiOptions,
  signal: AbortSignal,
): Promise<string> {
  if ("bearerToken" in credentials) return credentials.bearerToken;
  const { consumerKey: appKey, consumerSecret: appSecret } = credentials;
  const app = await new TwitterApi({ appKey, appSecret }, { plugins: [throughTransport(options, signal)] }).appLogin();
  const token = app.getActiveTokens();
  if (token.type !== "oauth2" || typeof token.bearerToken !== "string") {
    throw new XFailure("http", "X answered the request for a token without one");
  }
  return token.bearerToken;
}

/** The library's client for version 2, whose requests end with the signal; making one costs nothing. */
export function twitterClient(token: Token, options: TwitterApiOptions, signal: AbortSignal) {
  return new TwitterApi(token.value, { plugins: [throughTransport(options, signal)] }).v2;
}

/** An answer that has to be an object. Throws XFailure. */
export function asObject(answer: unknown): JsonObject {
  if (!isObject(answer)) throw senseless("the answer");
  return answer;
}

/** X answered, but not as it should. */
export function senseless(what: string): XFailure {
  return new XFailure("http", `X answered in a form that makes no sense for ${what}`);
}

/** A plugin that sends the library's requests through our transport: what it answers is taken for X's answer. */
function throughTransport({ transport, clock }: TwitterApiOptions, signal: AbortSignal): ITwitterApiClientPlugin {
  return {
    async onBeforeRequestConfig(request: ITwitterApiBeforeRequestConfigHookArgs) {
      const maker = request.client as unknown as RequestMaker;
      const { url, method, headers, body } = maker.getHttpRequestArgs(request.params);
      const timeout = new AbortController();
      const cancel = clock.after(REQUEST_TIMEOUT_MS, () => timeout.abort(new Error("no answer within 30 s")));
      try {
        const response = await transport.fetch(url.pathname + url.search, {
          method,
          headers: headersOf(headers),
          signal: AbortSignal.any([signal, timeout.signal]),
          ...(body === undefined ? {} : { body: body as BodyInit }),
        });
        if (!response.ok) throw await failureOf(response, clock.now());
        return { headers: Object.fromEntries(response.headers), data: await bodyOf(response) };
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof XFailure ? error : networkFailure(error);
      } finally {
        cancel();
      }
    },
  };
}

/** The library's maker of requests, as far as we use it; its types hide the method from plugins. */
interface RequestMaker {
  getHttpRequestArgs(params: unknown): {
    url: URL;
    method: string;
    headers: Record<string, unknown>;
    body: string | Uint8Array | undefined;
  };
}

function headersOf(headers: Record<string, unknown>): Headers {
  const kept = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    // The library names itself in a header of its own; X hears our name instead.
    if (typeof value === "string" && name !== "x-user-agent") kept.set(name, value);
  }
  return kept;
}

async function bodyOf(response: Response): Promise<JsonValue> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new XFailure("http", `X answered ${response.status} with something that is no JSON`, { cause: error });
  }
}
