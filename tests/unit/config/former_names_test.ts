/** The Python program's settings: translated, or told to be of no use any more. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { faultsOf, load } from "./place.ts";

Deno.test("KAFKA_ENABLED that is off means stdout, unless TRAPTOR_SINK says where to", async () => {
  for (const off of ["false", "False", "0", "no", "f"]) {
    const { settings, sources, notes } = await load({ environment: { KAFKA_ENABLED: off } });
    assertEquals(settings.sink, [{ kind: "stdout" }], off);
    assertEquals(sources.sink, "environment, as KAFKA_ENABLED");
    assertStringIncludes(notes[0]!, "KAFKA_ENABLED is TRAPTOR_SINK now");
  }
  for (
    const environment of [
      { KAFKA_ENABLED: "false", TRAPTOR_SINK: "file:a" },
      { TRAPTOR_SINK: "file:a", KAFKA_ENABLED: "false" },
    ]
  ) {
    assertEquals((await load({ environment })).settings.sink, [{ kind: "file", directory: "a" }]);
  }
});

Deno.test("KAFKA_ENABLED that is on changes nothing", async () => {
  const { settings, sources, notes } = await load({ environment: { KAFKA_ENABLED: "True" } });
  assertEquals([settings.sink, sources.sink, notes.length], [[{ kind: "kafka" }], "default", 1]);
});

Deno.test("the consumer's keys are taken from APIKEYS, from a file and from Python's spelling in a variable", async () => {
  const keys = { CONSUMER_KEY: "key", CONSUMER_SECRET: "sec", ACCESS_TOKEN: "t", ACCESS_TOKEN_SECRET: "s" };
  const fromFile = await load({ files: { "work/localsettings.json": JSON.stringify({ APIKEYS: keys }) } });
  const python = "{'CONSUMER_KEY': 'key', 'CONSUMER_SECRET': 'sec'}";
  const fromVariable = await load({ environment: { APIKEYS: python } });
  for (const { settings, notes } of [fromFile, fromVariable]) {
    assertEquals([settings.consumerKey, settings.consumerSecret], ["key", "sec"]);
    assertEquals(notes, [
      "APIKEYS is BEARER_TOKEN now, or CONSUMER_KEY and CONSUMER_SECRET: CONSUMER_KEY and CONSUMER_SECRET came from it",
    ]);
  }
});

Deno.test("APIKEYS that holds nothing of use is no fault, and is told", async () => {
  for (const APIKEYS of ["nonsense", "{}", "[1]", "{'CONSUMER_KEY': ''}", "null"]) {
    const { settings, notes } = await load({ environment: { APIKEYS } });
    assertEquals(settings.consumerKey, undefined);
    assertStringIncludes(notes[0]!, "nothing in it could be used");
  }
  const faults = await faultsOf({ environment: { APIKEYS: "{'CONSUMER_KEY': 'a'}" } });
  assertEquals(faults, ["CONSUMER_KEY and CONSUMER_SECRET: one is of no use without the other"]);
});

Deno.test("settings that have no meaning any more are told once, with what there is instead", async () => {
  const file =
    '{"LOG_STDOUT": "False", "LOG_MAX_BYTES": "10MB", "SENTRY_URL": "", "ACCESS_TOKEN": "x", "DW_CONFIG": {}}';
  const { notes } = await load({
    environment: { LOG_STDOUT: "True", USE_SENTRY: "false" },
    files: { "work/localsettings.json": file },
  });
  assertEquals(notes, [
    "LOG_STDOUT is not used any more: the log goes to stderr, or to LOG_FILE",
    "USE_SENTRY is not used any more: faults are in the log and at /metrics",
    "LOG_MAX_BYTES is not used any more: logrotate, or systemd's journal, bounds the log",
    "SENTRY_URL is not used any more: faults are in the log and at /metrics",
    "ACCESS_TOKEN is not used any more: the app's own token is enough",
    "DW_CONFIG is not used any more: counts are at /metrics",
  ]);
});

Deno.test("the sample environment of the Python program is understood", async () => {
  const { settings } = await load({
    environment: {
      TRAPTOR_TYPE: "locations",
      TRAPTOR_ID: "0",
      RULE_CHECK_INTERVAL: "60",
      USE_SENTRY: "'false'",
      LOG_LEVEL: "WARNING",
      LOG_DIR: "/var/log/traptor",
      KAFKA_ENABLED: "true",
      KAFKA_HOSTS: "kafka:9092",
      KAFKA_TOPIC: "traptor.testing",
      REDIS_HOST: "redis",
      REDIS_PORT: "6379",
      REDIS_DB: "5",
      REDIS_PUBSUB_CHANNEL: "traptor-test",
      CONSUMER_KEY: "FILL_THIS_IN",
      CONSUMER_SECRET: "FILL_THIS_IN",
      ACCESS_TOKEN: "FILL_THIS_IN",
      ACCESS_TOKEN_SECRET: "FILL_THIS_IN",
      STATSD_HOST_IP: "172.17.0.1",
    },
  });
  assertEquals([settings.type, settings.redisDb, settings.logLevel], [["geo"], 5, "WARN"]);
});
