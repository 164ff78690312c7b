/** Asks X for the filtered stream: one connect, answered within a time. */

import type { Clock } from "../base/clock.ts";
import type { Connection } from "./connection.ts";
import type { Token } from "./token.ts";
import type { Transport } from "./transport.ts";
import { failureOf, networkFailure, XFailure } from "./x_failure.ts";
import { timeIn } from "./x_time.ts";

const STREAM_PATH = "/2/tweets/search/stream";

/** How X's stream is asked for. */
export interface StreamRequest {
  readonly transport: Transport;
  readonly token: Token;
  /** The fields and expansions to ask for: `tweet.fields` and so on, each a list with commas. */
  readonly fields: Readonly<Record<string, string>>;
  /** How long X may take to answer a connect, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
}

/** A stream that X has opened. */
export interface OpenedStream {
  readonly body: ReadableStream<Uint8Array>;
  /** When that was by X's clock, in milliseconds since 1970. */
  readonly openedAt: number;
}

/** Opens the stream, with parameters beside the fields. Throws XFailure. */
export async function openStream(
  { clock, connectTimeoutMs, fields, token, transport }: StreamRequest,
  connection: Connection,
  parameters: Readonly<Record<string, string>>,
): Promise<OpenedStream> {
  const query = new URLSearchParams({ ...fields, ...parameters }).toString().replaceAll("%2C", ",");
  const silent = `X did not answer within ${connectTimeoutMs / 1000} s`;
  connection.watch(connectTimeoutMs, () => new XFailure("network", silent));
  let response: Response;
  try {
    response = await transport.fetch(`${STREAM_PATH}${query === "" ? "" : `?${query}`}`, {
      headers: { Authorization: `Bearer ${token.value}` },
      signal: connection.signal,
    });
  } catch (error) {
    throw networkFailure(error);
  }
  if (!response.ok) throw await failureOf(response, clock.now());
  if (!response.body) throw new XFailure("http", "X answered without a body");
  return { body: response.body, openedAt: timeIn(response, clock.now()) };
}
