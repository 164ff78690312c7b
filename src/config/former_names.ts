/**
 * The Python program's settings that are named differently now, or are gone: read, translated, and told in the log.
 * Source: istresearch/traptor, traptor/settings.py.
 */

import { isObject } from "../model/json.ts";

/** What became of a former setting. */
export interface Former {
  /** Settings of today, by name. */
  readonly now: Readonly<Record<string, string>>;
  readonly note: string;
}

/** Settings of the Python program that have no meaning any more, and what to do instead. */
const GONE: Readonly<Record<string, string>> = {
  USE_SENTRY: "faults are in the log and at /metrics",
  SENTRY_URL: "faults are in the log and at /metrics",
  LOG_STDOUT: "the log goes to stderr, or to LOG_FILE",
  LOG_DIR: "LOG_FILE names the log's whole path",
  LOG_NAME: "LOG_FILE names the log's whole path",
  LOG_MAX_BYTES: "logrotate, or systemd's journal, bounds the log",
  LOG_BACKUPS: "logrotate, or systemd's journal, bounds the log",
  DW_ENABLED: "metrics are at /metrics",
  DW_CONFIG: "metrics are at /metrics",
  API_PORT: "there is no rule manager",
  API_DIR: "there is no rule manager",
  API_SPEC: "there is no rule manager",
  API_BACKEND: "there is no rule manager",
  PROXY_URL: "there is no rule manager",
  PROXY_USER: "there is no rule manager",
  PROXY_PASSWORD: "there is no rule manager",
  PROXY_TIMEOUT: "there is no rule manager",
};

/** Every former name that is understood. */
export const FORMER_NAMES: readonly string[] = [...Object.keys(GONE), "KAFKA_ENABLED", "APIKEYS"];

/** What a former setting means today; undefined when the name is none of them. */
export function translateFormer(name: string, value: unknown): Former | undefined {
  const text = String(value);
  const isOff = /^(false|no|off|0)$/i.test(text);
  if (name in GONE) return { now: {}, note: `${name} is not used any more: ${GONE[name]}` };
  if (name === "KAFKA_ENABLED") {
    return isOff
      ? { now: { TRAPTOR_SINK: "stdout" }, note: "KAFKA_ENABLED is TRAPTOR_SINK now: tweets go to stdout" }
      : { now: {}, note: "KAFKA_ENABLED is TRAPTOR_SINK now, which is kafka unless set" };
  }
  if (name === "APIKEYS") return translateKeys(value);
  return undefined;
}

/** `APIKEYS` held four keys of v1.1; the consumer's two are what an app-only token is fetched with. */
function translateKeys(value: unknown): Former {
  const keys = typeof value === "string" ? parseOrNothing(value) : value;
  const now: Record<string, string> = {};
  if (isObject(keys)) {
    for (const name of ["CONSUMER_KEY", "CONSUMER_SECRET"]) {
      const key = keys[name];
      if (typeof key === "string" && key !== "") now[name] = key;
    }
  }
  return {
    now,
    note: "APIKEYS is BEARER_TOKEN now, or CONSUMER_KEY and CONSUMER_SECRET, which were taken from it; " +
      "access tokens are not used any more",
  };
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll("'", '"')); // it was often written as a Python dict
  } catch {
    return undefined; // the note says what to set instead
  }
}
