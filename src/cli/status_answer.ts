/** Asks a collector of this machine for its `/status`. */

import { get } from "node:http";
import { messageOf } from "../base/errors.ts";
import { type JsonValue, parseJson } from "../model/json.ts";

/** How long the collector's answer is waited for. */
const ANSWER_MS = 5_000;
/** More than a status ever is. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What is told at an address, or why nothing is. Not by way of a proxy: it is this machine. */
export function statusAt(address: string): Promise<{ readonly status: JsonValue } | string> {
  const end = address.lastIndexOf(":");
  const host = address.slice(0, end).replace(/^\[|\]$/g, "");
  // A server that listens everywhere is asked here.
  const here = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const options = {
    host: here,
    port: Number(address.slice(end + 1)),
    path: "/status",
    agent: false,
    timeout: ANSWER_MS,
  };
  return new Promise((resolve) => {
    try {
      const request = get(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
          if (text.length > MOST_BYTES) request.destroy(new Error("its answer has no end"));
        });
        response.on("error", (error) => resolve(why(error, address)));
        response.on("end", () => resolve(response.statusCode === 200 ? parsed(text) : `HTTP ${response.statusCode}`));
      });
      request.on("timeout", () => request.destroy(new Error(`${address} does not answer in time`)));
      request.on("error", (error) => resolve(why(error, address)));
    } catch (error) {
      // No address at all.
      resolve(why(error, address));
    }
  });
}

function why(error: unknown, address: string): string {
  const isRefused = error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
  return isRefused ? `nothing answers at ${address}` : messageOf(error);
}

function parsed(text: string): { readonly status: JsonValue } | string {
  try {
    return { status: parseJson(text) };
  } catch {
    return "its answer is no JSON";
  }
}
