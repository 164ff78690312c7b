/**
 * Every setting, once: from this table come parsing, `--help`, `traptor config`, and the README's table.
 *
 * A setting is named alike in `localsettings.json` and the environment; its flag is that name in kebab-case without
 * `TRAPTOR_`. A secret has no flag: it may come from `NAME_FILE` or from systemd's credentials directory as well.
 */

import { JOURNAL_OPTIONS } from "./journal_options.ts";
import { FLEET_OPTIONS } from "./fleet_options.ts";
import { KAFKA_OPTIONS } from "./kafka_options.ts";
import { type Option, option } from "./option.ts";
import * as parse from "./parsers.ts";
import { RULE_OPTIONS } from "./rule_options.ts";
import { sinkPlaces } from "./sink_places.ts";
import { X_OPTIONS } from "./x_options.ts";

export const OPTIONS = {
  type: option({
    name: "TRAPTOR_TYPE",
    parse: parse.ruleTypes,
    default: "track",
    placeholder: "TYPE,...",
    help: "which rules: track, follow, geo, query; several with commas share one connection",
  }),
  id: option({
    name: "TRAPTOR_ID",
    parse: parse.slotIds,
    default: "0",
    placeholder: "N,...",
    help: "which slots of them: 0, or 0,3, or 0-7, or * for all that there are",
  }),
  rules: option({
    name: "TRAPTOR_RULES",
    parse: parse.rulesPlace,
    default: "redis",
    placeholder: "PLACE",
    help: "where the rules are: redis, or file:PATH (JSON, JSON lines, or a value a line)",
  }),
  sink: option({
    name: "TRAPTOR_SINK",
    parse: sinkPlaces,
    default: "kafka",
    placeholder: "SINK,...",
    help: "where tweets go: kafka, stdout, file:DIR, sqlite:PATH, elasticsearch:URL; several with commas",
  }),
  elasticsearchCaFile: option({
    name: "ELASTICSEARCH_CA_FILE",
    parse: parse.path,
    placeholder: "PATH",
    help: "certificates (PEM) of a private CA for Elasticsearch",
  }),
  stateDirectory: option({
    name: "TRAPTOR_STATE_DIR",
    parse: parse.path,
    defaultShown: "`$STATE_DIRECTORY`, else `~/.local/state/traptor/<app>`",
    placeholder: "DIR",
    help: "where traptor keeps what it must remember",
  }),
  ...JOURNAL_OPTIONS,
  statusListen: option({
    name: "TRAPTOR_STATUS_LISTEN",
    parse: parse.listenAddress,
    default: "127.0.0.1:9464",
    placeholder: "HOST:PORT",
    help: "where the status is served, or off; the default moves to the next free port when it is in use",
  }),
  ...X_OPTIONS,
  ruleCheckInterval: option({
    name: "RULE_CHECK_INTERVAL",
    parse: parse.duration,
    default: "60s",
    placeholder: "TIME",
    help: "how often the rules are read again without a notice",
  }),
  ...RULE_OPTIONS,
  redisUrl: option({
    name: "REDIS_URL",
    parse: parse.url("redis", "rediss"),
    placeholder: "URL",
    help: "where Redis is, rediss:// for TLS; instead of the four below",
  }),
  redisHost: option({
    name: "REDIS_HOST",
    parse: parse.host,
    default: "localhost",
    placeholder: "HOST",
    help: "Redis's host",
  }),
  redisPort: option({
    name: "REDIS_PORT",
    parse: parse.whole(1, 65_535),
    default: "6379",
    placeholder: "N",
    help: "Redis's port",
  }),
  redisDb: option({
    name: "REDIS_DB",
    parse: parse.whole(0, 65_535),
    default: "0",
    placeholder: "N",
    help: "Redis's database",
  }),
  redisPassword: option({
    name: "REDIS_PASSWORD",
    parse: parse.text,
    placeholder: "PASSWORD",
    secret: true,
    help: "Redis's password",
  }),
  redisChannel: option({
    name: "REDIS_PUBSUB_CHANNEL",
    parse: parse.text,
    default: "traptor-notify",
    placeholder: "NAME",
    help: "where notices of changed rules come",
  }),
  ...KAFKA_OPTIONS,
  ...FLEET_OPTIONS,
  statsWindow: option({
    name: "STATS_COLLECTION_WINDOW",
    parse: parse.duration,
    default: "15m",
    placeholder: "TIME",
    help: "the window of the matches by rule that are kept in Redis; `traptor top` shows them",
  }),
  rateLimiting: option({
    name: "RATE_LIMITING_ENABLED",
    parse: parse.truth,
    default: "false",
    placeholder: "true",
    help: "limit the tweets of each rule value; one is dropped only if every rule it matched is over",
  }),
  rateLimitPerSecond: option({
    name: "RATE_LIMITING_RATE_SEC",
    parse: parse.positive,
    default: "10",
    placeholder: "N",
    help: "tweets a second for one rule value",
  }),
  rateLimitCapacity: option({
    name: "RATE_LIMITING_CAPACITY",
    parse: parse.whole(1, 1_000_000),
    default: "10",
    placeholder: "N",
    help: "how many of them at once",
  }),
  logLevel: option({
    name: "LOG_LEVEL",
    parse: parse.logLevel,
    default: "INFO",
    placeholder: "LEVEL",
    help: "DEBUG, INFO, WARN or ERROR",
  }),
  logJson: option({
    name: "LOG_JSON",
    parse: parse.truth,
    default: "false",
    placeholder: "true",
    help: "log lines as JSON",
  }),
  logFile: option({
    name: "LOG_FILE",
    parse: parse.path,
    defaultShown: "stderr",
    placeholder: "PATH",
    help: "where the log goes",
  }),
} as const;

export type OptionKey = keyof typeof OPTIONS;

type ValueOf<Key extends OptionKey> = ReturnType<(typeof OPTIONS)[Key]["parse"]>;

/** Every setting's value; undefined where none is set and there is no default. */
export type Settings = {
  readonly [Key in OptionKey]: (typeof OPTIONS)[Key] extends { default: string } ? ValueOf<Key>
    : ValueOf<Key> | undefined;
};

/** The options in the order of the table. */
export const OPTION_KEYS = Object.keys(OPTIONS) as OptionKey[];

/** An option without the type of its value. */
export function optionOf(key: OptionKey): Option<unknown> {
  return OPTIONS[key];
}

/** The options in the order of the table, without the types of their values. */
export const OPTIONS_IN_ORDER: readonly Option<unknown>[] = OPTION_KEYS.map(optionOf);

/** The names of all settings. */
export const OPTION_NAMES: ReadonlySet<string> = new Set(OPTIONS_IN_ORDER.map((option) => option.name));

/** The names of the secrets among them. */
export const SECRET_NAMES: readonly string[] = OPTIONS_IN_ORDER.filter((option) => option.secret)
  .map((option) => option.name);
