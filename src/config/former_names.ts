/**
 * The Python program's settings that are named differently now, or are gone: read, translated, and told in the log.
 * Source: istresearch/traptor, traptor/settings.py and main() in traptor/traptor.py.
 */

import { isObject } from "../model/json.ts";

/** What became of a former setting. */
export interface Former {
  /** Settings of today, by name. */
  readonly now: Readonly<Record<string, string>>;
  /** Tells what was done with it; never its value. */
  readonly note: string;
}

/** Settings that have no meaning any more, and what there is instead. */
const GONE: ReadonlyMap<string, string> = new Map([
  ...["USE_SENTRY", "SENTRY_URL"].map(instead("faults are in the log and at /metrics")),
  ...["LOG_DIR", "LOG_NAME"].map(instead("LOG_FILE names the log's whole path")),
  ...["LOG_MAX_BYTES", "LOG_BACKUPS"].map(instead("logrotate, or systemd's journal, bounds the log")),
  ...["DW_ENABLED", "DW_CONFIG"].map(instead("counts are at /metrics")),
  ...["ENABLE_STATS_COLLECTION"].map(
    instead("statistics by rule are always kept in Redis, and counts are at /metrics"),
  ),
  ...["RATE_LIMITING_REPORTING_INTERVAL_SEC"].map(instead("what a limit dropped is counted at /metrics")),
  ...["HEARTBEAT_PERIOD", "HEALTHCHECK_TIMEOUT"].map(instead("the state is at /healthz and /readyz")),
  ...["HEALTHCHECK_REDIS_SLEEP", "HEALTHCHECK_KAFKA_SLEEP", "HEALTHCHECK_TWITTER_SLEEP"]
    .map(instead("the state is at /healthz and /readyz")),
  ...["TWITTERAPI_RETRY"].map(instead("traptor tries again as X asks for it")),
  ...["ACCESS_TOKEN", "ACCESS_TOKEN_SECRET"].map(instead("the app's own token is enough")),
  ...["API_PORT", "API_DIR", "API_SPEC", "API_BACKEND"].map(instead("there is no rule manager")),
  ...["PROXY_URL", "PROXY_USER", "PROXY_PASSWORD", "PROXY_TIMEOUT"].map(instead("there is no rule manager")),
]);

/** Every former name that is understood. */
export const FORMER_NAMES: ReadonlySet<string> = new Set([...GONE.keys(), "KAFKA_ENABLED", "LOG_STDOUT", "APIKEYS"]);

/** Those that are looked for in the environment, where the others are common words of other programs. */
export const FORMER_IN_ENVIRONMENT: ReadonlySet<string> = new Set([
  ...["APIKEYS", "DW_ENABLED", "ENABLE_STATS_COLLECTION", "KAFKA_ENABLED", "LOG_DIR", "LOG_STDOUT"],
  ...["RATE_LIMITING_REPORTING_INTERVAL_SEC", "USE_SENTRY"],
]);

/** What a former setting means today. `name` is one of FORMER_NAMES. */
export function translateFormer(name: string, value: unknown): Former {
  if (name === "APIKEYS") return translateKeys(value);
  if (name === "KAFKA_ENABLED") return translateKafka(value);
  if (name === "LOG_STDOUT") {
    return { now: {}, note: "LOG_STDOUT is not used any more: the log goes to stderr, or to LOG_FILE" };
  }
  return { now: {}, note: `${name} is not used any more: ${GONE.get(name)}` };
}

function translateKafka(value: unknown): Former {
  const isOff = /^(false|f|no|n|off|0)$/i.test(String(value).trim());
  return isOff
    ? { now: { TRAPTOR_SINK: "stdout" }, note: "KAFKA_ENABLED is TRAPTOR_SINK now: without Kafka, tweets go to stdout" }
    : { now: {}, note: "KAFKA_ENABLED is TRAPTOR_SINK now, which is kafka unless set" };
}

/** `APIKEYS` held four keys of v1.1; the consumer's two are what an app's token is fetched with. */
function translateKeys(value: unknown): Former {
  const keys = typeof value === "string" ? parseOrNothing(value) : value;
  const now: Record<string, string> = {};
  for (const name of ["CONSUMER_KEY", "CONSUMER_SECRET"]) {
    const key = isObject(keys) ? keys[name] : undefined;
    if (typeof key === "string" && key.trim() !== "") now[name] = key.trim();
  }
  const names = Object.keys(now).join(" and ");
  const taken = names === "" ? "nothing in it could be used" : `${names} came from it`;
  return { now, note: `APIKEYS is BEARER_TOKEN now, or CONSUMER_KEY and CONSUMER_SECRET: ${taken}` };
}

/** Reads the keys from a variable, where they were often written as Python writes them. */
function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll("'", '"'));
  } catch {
    return undefined; // The note says that nothing could be used, and what to set.
  }
}

function instead(what: string): (name: string) => [string, string] {
  return (name) => [name, what];
}
