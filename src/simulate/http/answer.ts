/** What a handler answers, and how it looks on the wire. */

import type { Socket } from "./socket.ts";

/** An answer whose body is known. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer whose body is written as it comes: `run` is always called, and has the connection until it returns. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  run(socket: Socket): Promise<void>;
}

export type Answer = PlainAnswer | StreamAnswer;

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** An answer in JSON. */
export function json(status: number, value: unknown): PlainAnswer {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(value) };
}

/** An answer of lines, each a JSON value. */
export function jsonLines(values: readonly unknown[]): PlainAnswer {
  const body = values.map((value) => `${JSON.stringify(value)}\n`).join("");
  return { status: 200, headers: { "content-type": "application/x-ndjson; charset=utf-8" }, body };
}

/** The bytes of an answer up to its body, which `length` bytes will be; in chunks when it is undefined. */
export function headOf(answer: Answer, length: number | undefined): Uint8Array<ArrayBuffer> {
  const lines = [`HTTP/1.1 ${answer.status} ${REASONS[answer.status] ?? "Unknown"}`];
  for (const [name, value] of Object.entries(answer.headers)) lines.push(`${name}: ${value}`);
  lines.push(length === undefined ? "transfer-encoding: chunked" : `content-length: ${length}`);
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
}
