/** The table of settings: complete, each once, and its defaults are right by its own parsers. */

import { assert, assertEquals } from "@std/assert";
import { flagOf } from "../../../src/config/option.ts";
import { OPTIONS_IN_ORDER } from "../../../src/config/options.ts";
import { load } from "./place.ts";

/** Names and defaults that people and programs rely on; secrets have none. */
const CONTRACT: Readonly<Record<string, string | undefined>> = {
  TRAPTOR_TYPE: "track",
  TRAPTOR_ID: "0",
  TRAPTOR_RULES: "redis",
  TRAPTOR_SINK: "kafka",
  ELASTICSEARCH_CA_FILE: undefined,
  TRAPTOR_STATE_DIR: undefined,
  JOURNAL_MAX_BYTES: "4GiB",
  JOURNAL_WHEN_FULL: "pause",
  TRAPTOR_STATUS_LISTEN: "127.0.0.1:9464",
  BEARER_TOKEN: undefined,
  CONSUMER_KEY: undefined,
  CONSUMER_SECRET: undefined,
  TWITTER_API_URL: "https://api.x.com",
  X_CA_FILE: undefined,
  STREAM_STALL: "45s",
  STREAM_CONNECT_TIMEOUT: "30s",
  X_TAKE_OVER: "false",
  RULE_CHECK_INTERVAL: "60s",
  RULES_APPLY: "auto",
  FOLLOW_SCOPE: "all",
  GAP_REPAIR: "auto",
  GAP_REPAIR_MAX_USD: "1",
  GAP_REPAIR_MAX_USD_A_DAY: "5",
  GEO_MAX_TILES: "64",
  X_TIER: "pay-per-use",
  X_RULE_CAP: undefined,
  X_RULE_LENGTH: undefined,
  TRACK_PER_SLOT: "400",
  FOLLOW_PER_SLOT: "5000",
  GEO_PER_SLOT: "25",
  QUERY_PER_SLOT: "400",
  MYSQL_URL: undefined,
  MYSQL_HOST: "localhost",
  MYSQL_PORT: "3306",
  MYSQL_USER: "traptor",
  MYSQL_PASSWORD: undefined,
  MYSQL_DATABASE: "traptor",
  REDIS_URL: undefined,
  REDIS_HOST: "localhost",
  REDIS_PORT: "6379",
  REDIS_DB: "0",
  REDIS_PASSWORD: undefined,
  REDIS_PUBSUB_CHANNEL: "traptor-notify",
  KAFKA_HOSTS: "localhost:9092",
  KAFKA_TOPIC: "traptor",
  KAFKA_TOPIC_PARTITIONS: undefined,
  KAFKA_COMPRESSION: "gzip",
  KAFKA_SSL: "false",
  KAFKA_SSL_CA: undefined,
  KAFKA_SASL_MECHANISM: undefined,
  KAFKA_SASL_USERNAME: undefined,
  KAFKA_SASL_PASSWORD: undefined,
  HEARTBEAT_INTERVAL: "5s",
  LEASE_TTL: "10s",
  LEASE_RENEW: "3s",
  X_CONNECTIONS: "1",
  X_SEPARATE_USE_CASES: "false",
  STATS_COLLECTION_WINDOW: "15m",
  RATE_LIMITING_ENABLED: "false",
  RATE_LIMITING_RATE_SEC: "10",
  RATE_LIMITING_CAPACITY: "10",
  LOG_LEVEL: "INFO",
  LOG_JSON: "false",
  LOG_FILE: undefined,
};
const FIELDS = ["TWEET_FIELDS", "EXPANSIONS", "USER_FIELDS", "MEDIA_FIELDS", "PLACE_FIELDS"];

Deno.test("the table holds every setting once, with the default that is promised", () => {
  const names = OPTIONS_IN_ORDER.map((option) => option.name);
  assertEquals(names.toSorted(), [...Object.keys(CONTRACT), ...FIELDS].toSorted());
  for (const option of OPTIONS_IN_ORDER) {
    if (!FIELDS.includes(option.name)) assertEquals(option.default, CONTRACT[option.name], option.name);
  }
});

Deno.test("flags are the names in kebab-case without TRAPTOR_, and secrets have none", () => {
  const flags = new Map(OPTIONS_IN_ORDER.map((option) => [option.name, flagOf(option)]));
  assertEquals(flags.get("TRAPTOR_TYPE"), "type");
  assertEquals(flags.get("TRAPTOR_STATE_DIR"), "state-dir");
  assertEquals(flags.get("REDIS_PUBSUB_CHANNEL"), "redis-pubsub-channel");
  assertEquals(flags.get("TWITTER_API_URL"), "api-url");
  const withoutFlag = [...flags].filter(([, flag]) => flag === undefined).map(([name]) => name);
  const secrets = [
    "BEARER_TOKEN",
    "CONSUMER_KEY",
    "CONSUMER_SECRET",
    "MYSQL_PASSWORD",
    "REDIS_PASSWORD",
    "KAFKA_SASL_PASSWORD",
  ];
  assertEquals(withoutFlag, secrets);
  const named = [...flags.values()].filter((flag) => flag !== undefined);
  assertEquals(named.length, new Set(named).size);
  for (const flag of named) assert(/^[a-z]+(-[a-z]+)*$/.test(flag), flag);
});

Deno.test("without anything set, every default is taken", async () => {
  const { settings, sources, notes, file } = await load();
  assertEquals(settings.type, ["track"]);
  assertEquals(settings.id, [0]);
  assertEquals(settings.rules, { kind: "redis" });
  assertEquals(settings.sink, [{ kind: "kafka" }]);
  assertEquals(settings.statusListen, { host: "127.0.0.1", port: 9464 });
  assertEquals(settings.ruleCheckInterval, 60_000);
  assertEquals(settings.statsWindow, 900_000);
  assertEquals(settings.kafkaSsl, false);
  assertEquals(settings.bearerToken, undefined);
  assertEquals(new Set(Object.values(sources)), new Set(["default"]));
  assertEquals(notes, []);
  assertEquals(file, undefined);
});

Deno.test("the fields asked for by default hold what tagging needs, and nothing private", async () => {
  const { settings } = await load();
  for (const name of ["id", "text", "author_id", "created_at", "entities", "referenced_tweets", "note_tweet", "geo"]) {
    assert((settings.tweetFields as string[]).includes(name), name);
  }
  const all = [...settings.tweetFields, ...settings.mediaFields, ...settings.userFields] as string[];
  for (const name of ["organic_metrics", "non_public_metrics", "promoted_metrics", "confirmed_email"]) {
    assert(!all.includes(name), name);
  }
});
