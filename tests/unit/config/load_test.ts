/** Where settings come from, which source wins, and what is told of names and values that are wrong. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { SettingsError } from "../../../src/base/errors.ts";
import { faultsOf, linesOf, load, Place } from "./place.ts";

Deno.test("a flag wins over the environment, that over the settings file, that over the default", async () => {
  await using place = await Place.make({
    "work/localsettings.json": `{"KAFKA_TOPIC": "file", "REDIS_DB": 1, "REDIS_PORT": 1, "LOG_JSON": true}`,
  });
  const { settings, sources, file } = await place.load({
    flags: { "kafka-topic": "flag", "limit": "20" },
    environment: { KAFKA_TOPIC: "environment", REDIS_DB: "2" },
  });
  const path = place.at("work/localsettings.json");
  assertEquals([settings.kafkaTopic, sources.kafkaTopic], ["flag", "flag --kafka-topic"]);
  assertEquals([settings.redisDb, sources.redisDb], [2, "environment"]);
  assertEquals([settings.redisPort, sources.redisPort], [1, `file ${path}`]);
  assertEquals([settings.logJson, sources.logJson], [true, `file ${path}`]);
  assertEquals([settings.redisHost, sources.redisHost], ["localhost", "default"]);
  assertEquals(file, path);
});

Deno.test("an empty value in the environment or the file counts as not set", async () => {
  const { settings, sources } = await load({
    environment: { KAFKA_TOPIC: "", REDIS_HOST: "  ", TRAPTOR_TPYE: " ", BEARER_TOKEN_FILE: "" },
    files: { "work/localsettings.json": '{"REDIS_DB": null, "LOG_LEVEL": "", "TRAPTOR_ID": " "}' },
  });
  assertEquals([settings.kafkaTopic, settings.redisHost, settings.redisDb], ["traptor", "localhost", 0]);
  assertEquals([sources.kafkaTopic, sources.redisDb, sources.logLevel, sources.id], Array(4).fill("default"));
});

Deno.test("an empty flag is a mistake", async () => {
  assertMatch((await faultsOf({ flags: { "kafka-topic": " " } }))[0]!, /^KAFKA_TOPIC: .* \(flag --kafka-topic\)$/);
});

Deno.test("white space around values does not count", async () => {
  const { settings } = await load({
    flags: { type: " follow " },
    environment: { BEARER_TOKEN: " abc\n" },
    files: { "work/localsettings.json": '{"TRAPTOR_ID": " 3 "}' },
  });
  assertEquals([settings.type, settings.bearerToken, settings.id], [["follow"], "abc", [3]]);
});

Deno.test("the file's values may be texts, numbers, truths and lists", async () => {
  const { settings } = await load({
    files: {
      "work/localsettings.json": `{
        "TRAPTOR_ID": [0, "2-3"], "TRAPTOR_TYPE": ["track", "follow"], "RULE_CHECK_INTERVAL": 30,
        "KAFKA_HOSTS": ["a:1", "b:2"], "RATE_LIMITING_ENABLED": true, "RATE_LIMITING_RATE_SEC": 0.5, // a comment
      }`,
    },
  });
  assertEquals(settings.id, [0, 2, 3]);
  assertEquals(settings.type, ["track", "follow"]);
  assertEquals(settings.ruleCheckInterval, 30_000);
  assertEquals(settings.kafkaHosts, ["a:1", "b:2"]);
  assertEquals([settings.rateLimiting, settings.rateLimitPerSecond], [true, 0.5]);
});

Deno.test("a value in the file that is an object, or a list of such, is refused", async () => {
  const file = '{"KAFKA_TOPIC": {"a": 1}, "TRAPTOR_ID": [[0]], "TRAPTOR_TYPE": [null]}';
  const faults = await faultsOf({ files: { "work/localsettings.json": file } });
  assertEquals(faults.map((fault) => fault.split(":")[0]), ["KAFKA_TOPIC", "TRAPTOR_ID", "TRAPTOR_TYPE"]);
  for (const fault of faults) assertMatch(fault, /its value is no text, number, truth or list \(file /);
});

Deno.test("names that are no settings are faults, with the name that was meant", async () => {
  const file = '{"KAFKA_HOST": "a:1", "sink": "stdout", "redis-url": "x", "zzzzzz": 1, "BEARER_TOKN_FILE": "x"}';
  const faults = await faultsOf({
    environment: { TRAPTOR_TPYE: "track", TRAPTOR_KAFKA_HOSTS: "a:1", TRAPTOR_NOTHING_LIKE_IT: "1" },
    files: { "work/localsettings.json": file },
  });
  const meant = faults.map((fault) => /^(\S+): there is no such setting(?:; did you mean (\S+)\?)? \(/.exec(fault));
  assertEquals(meant.map((parts) => [parts?.[1], parts?.[2]]), [
    ["TRAPTOR_TPYE", "TRAPTOR_TYPE"],
    ["TRAPTOR_KAFKA_HOSTS", "KAFKA_HOSTS"],
    ["TRAPTOR_NOTHING_LIKE_IT", undefined],
    ["KAFKA_HOST", "KAFKA_HOSTS"],
    ["sink", "TRAPTOR_SINK"],
    ["redis-url", "REDIS_URL"],
    ["zzzzzz", undefined],
    ["BEARER_TOKN_FILE", "BEARER_TOKEN_FILE"],
  ]);
});

Deno.test("variables of others, and those that container runtimes inject, are nobody's business", async () => {
  await load({
    environment: {
      TRAPTOR_PORT: "tcp://10.0.0.1:80",
      TRAPTOR_PORT_80_TCP_ADDR: "10.0.0.1",
      TRAPTOR_SERVICE_HOST: "10.0.0.1",
      TRAPTORS: "1",
      PATH: "/bin",
      ACCESS_TOKEN: "somebody else's",
      API_PORT: "80",
    },
  });
});

Deno.test("all faults are told at once, each on its line with its source, and nothing twice", async () => {
  await using place = await Place.make({ "work/localsettings.json": '{"KAFKA_TOPIC": "a b", "CONSUMER_KEY": "a b"}' });
  const error = await assertRejects(
    () =>
      place.load({
        flags: { id: "3-1" },
        environment: { TRAPTOR_TPYE: "x", LOG_JSON: "ja", KAFKA_SASL_USERNAME: "a" },
      }),
    SettingsError,
  );
  assertEquals(error.exitCode, 78);
  assertEquals(error.message.split("\n")[0], "Cannot use 7 settings:");
  const path = place.at("work/localsettings.json");
  assertEquals(linesOf(error), [
    "TRAPTOR_TPYE: there is no such setting; did you mean TRAPTOR_TYPE? (environment)",
    "TRAPTOR_ID: it is no slot number from 0 to 9999, list such as 0,3, range such as 0-7, or * (flag --id)",
    "CONSUMER_KEY: it holds white space or characters that no token has: it was not copied as it is " +
    `(file ${path})`,
    `KAFKA_TOPIC: it is no topic's name: letters, digits, . _ and -, at most 249 of them (file ${path})`,
    "LOG_JSON: it is neither true nor false (environment)",
    "CONSUMER_KEY and CONSUMER_SECRET: one is of no use without the other",
    "KAFKA_SASL_MECHANISM, KAFKA_SASL_PASSWORD: missing, and a login to Kafka needs all of " +
    "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD",
  ]);
});

Deno.test("a single fault is one line", async () => {
  await using place = await Place.make();
  const error = await assertRejects(() => place.load({ environment: { LOG_JSON: "ja" } }), SettingsError);
  assertEquals(error.message, "Cannot use the setting LOG_JSON: it is neither true nor false (environment)");
});

Deno.test("home and systemd's state directory are told to those who make defaults of them", async () => {
  await using place = await Place.make();
  const loaded = await place.load({ environment: { STATE_DIRECTORY: "/var/lib/traptor:/var/lib/other" } });
  assertEquals([loaded.home, loaded.systemdStateDirectory], [place.at("home"), "/var/lib/traptor"]);
  const windows = await place.load({ environment: { HOME: "", USERPROFILE: "C:\\Users\\a" } });
  assertEquals([windows.home, windows.systemdStateDirectory], ["C:\\Users\\a", undefined]);
});
