/**
 * Every setting, once: from this table come parsing, `--help`, `traptor config`, and the README's table.
 *
 * A setting is named alike in `localsettings.json` and the environment; its flag is that name in kebab-case without
 * `TRAPTOR_`. A secret has no flag: it may come from `NAME_FILE` or from systemd's credentials directory as well.
 */

import * as parse from "./parsers.ts";
import * as fields from "./x_fields.ts";

export interface Option<Value> {
  readonly name: string;
  readonly parse: parse.Parser<Value>;
  /** As text, parsed like any other; undefined: not set. */
  readonly default?: string;
  /** How the default is shown where it is no text of its own. */
  readonly defaultShown?: string;
  readonly help: string;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  readonly secret?: true;
  /** Not the name in kebab-case. */
  readonly flag?: string;
}

/** An option that has a value whatever anybody sets. */
type WithDefault<Value> = Option<Value> & { readonly default: string };

function option<Value>(option: WithDefault<Value>): WithDefault<Value>;
function option<Value>(option: Option<Value>): Option<Value>;
function option<Value>(option: Option<Value>): Option<Value> {
  return option;
}

/**
 * Public fields that tagging, the sinks and later steps read: text in all its forms, who wrote it, what it answers,
 * repeats or quotes, where and in which language, links, and whether it is withheld somewhere.
 */
const TWEET_FIELDS = "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,geo,id," +
  "in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,source,text,withheld";

/** Expansions may be billed as reads of their own: these four are what a matched tweet cannot be understood without. */
const EXPANSIONS = "author_id,in_reply_to_user_id,referenced_tweets.id,referenced_tweets.id.author_id,geo.place_id";

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
    parse: parse.sinkPlaces,
    default: "kafka",
    placeholder: "SINK,...",
    help: "where tweets go: kafka, stdout, file:DIR; several with commas",
  }),
  stateDirectory: option({
    name: "TRAPTOR_STATE_DIR",
    parse: parse.text,
    defaultShown: "`$STATE_DIRECTORY`, else `~/.local/state/traptor/<app>`",
    placeholder: "DIR",
    help: "where traptor keeps what it must remember",
  }),
  statusListen: option({
    name: "TRAPTOR_STATUS_LISTEN",
    parse: parse.listenAddress,
    default: "127.0.0.1:9464",
    placeholder: "HOST:PORT",
    help: "where the status is served, or off; the default moves to the next free port when it is in use",
  }),
  bearerToken: option({
    name: "BEARER_TOKEN",
    parse: parse.secret,
    placeholder: "TOKEN",
    secret: true,
    help: "the app's bearer token",
  }),
  consumerKey: option({
    name: "CONSUMER_KEY",
    parse: parse.secret,
    placeholder: "KEY",
    secret: true,
    help: "the app's key, from which with CONSUMER_SECRET the bearer token is fetched",
  }),
  consumerSecret: option({
    name: "CONSUMER_SECRET",
    parse: parse.secret,
    placeholder: "SECRET",
    secret: true,
    help: "the app's secret",
  }),
  apiUrl: option({
    name: "TWITTER_API_URL",
    parse: parse.url("https", "http"),
    default: "https://api.x.com",
    flag: "api-url",
    placeholder: "URL",
    help: "where X's API is; http only on this machine",
  }),
  caFile: option({
    name: "X_CA_FILE",
    parse: parse.text,
    placeholder: "PATH",
    help: "certificates (PEM) of a private CA for the way to X; HTTPS_PROXY and NO_PROXY are obeyed as well",
  }),
  tweetFields: option({
    name: "TWEET_FIELDS",
    parse: parse.fieldList(fields.TWEET_FIELD_NAMES, fields.PRIVATE_FIELDS),
    default: TWEET_FIELDS,
    placeholder: "NAME,...",
    help: "what X is asked to send of a tweet; none for its id and text alone",
  }),
  expansions: option({
    name: "EXPANSIONS",
    parse: parse.fieldList(fields.EXPANSION_NAMES),
    default: EXPANSIONS,
    placeholder: "NAME,...",
    help: "what X is asked to send along with a tweet, or none; X may bill it",
  }),
  userFields: option({
    name: "USER_FIELDS",
    parse: parse.fieldList(fields.USER_FIELD_NAMES),
    default: "created_at,description,id,location,name,protected,public_metrics,username,verified,withheld",
    placeholder: "NAME,...",
    help: "what X is asked to send of a user",
  }),
  mediaFields: option({
    name: "MEDIA_FIELDS",
    parse: parse.fieldList(fields.MEDIA_FIELD_NAMES, fields.PRIVATE_FIELDS),
    default: "alt_text,media_key,type,url",
    placeholder: "NAME,...",
    help: "what X is asked to send of a picture or video",
  }),
  placeFields: option({
    name: "PLACE_FIELDS",
    parse: parse.fieldList(fields.PLACE_FIELD_NAMES),
    default: "country,country_code,full_name,geo,id,name,place_type",
    placeholder: "NAME,...",
    help: "what X is asked to send of a place",
  }),
  ruleCheckInterval: option({
    name: "RULE_CHECK_INTERVAL",
    parse: parse.duration,
    default: "60s",
    placeholder: "TIME",
    help: "how often the rules are read again without a notice",
  }),
  redisUrl: option({
    name: "REDIS_URL",
    parse: parse.url("redis", "rediss"),
    placeholder: "URL",
    help: "where Redis is, rediss:// for TLS; instead of the four below",
  }),
  redisHost: option({
    name: "REDIS_HOST",
    parse: parse.text,
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
  kafkaHosts: option({
    name: "KAFKA_HOSTS",
    parse: parse.hostList,
    default: "localhost:9092",
    placeholder: "HOST:PORT,...",
    help: "brokers to begin with",
  }),
  kafkaTopic: option({
    name: "KAFKA_TOPIC",
    parse: parse.text,
    default: "traptor",
    placeholder: "NAME",
    help: "the topic",
  }),
  kafkaSsl: option({
    name: "KAFKA_SSL",
    parse: parse.truth,
    default: "false",
    placeholder: "true",
    help: "TLS to Kafka",
  }),
  kafkaSslCa: option({
    name: "KAFKA_SSL_CA",
    parse: parse.text,
    placeholder: "PATH",
    help: "certificates (PEM) of a private CA for Kafka",
  }),
  kafkaSaslMechanism: option({
    name: "KAFKA_SASL_MECHANISM",
    parse: parse.oneOf("plain", "scram-sha-256", "scram-sha-512"),
    placeholder: "NAME",
    help: "how to log in to Kafka: plain, scram-sha-256, scram-sha-512",
  }),
  kafkaSaslUsername: option({
    name: "KAFKA_SASL_USERNAME",
    parse: parse.text,
    placeholder: "NAME",
    help: "as whom",
  }),
  kafkaSaslPassword: option({
    name: "KAFKA_SASL_PASSWORD",
    parse: parse.text,
    placeholder: "PASSWORD",
    secret: true,
    help: "with which password",
  }),
  heartbeatInterval: option({
    name: "HEARTBEAT_INTERVAL",
    parse: parse.duration,
    default: "5s",
    placeholder: "TIME",
    help: "how often each slot's heartbeat is written to Redis",
  }),
  statsWindow: option({
    name: "STATS_COLLECTION_WINDOW",
    parse: parse.duration,
    default: "15m",
    placeholder: "TIME",
    help: "the window of statistics by rule; read, but this version keeps none yet",
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
    parse: parse.positive,
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
    parse: parse.text,
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

/** The flag of an option, without the dashes; undefined for a secret. */
export function flagOf(option: Option<unknown>): string | undefined {
  if (option.secret) return undefined;
  return option.flag ?? option.name.replace(/^TRAPTOR_/, "").toLowerCase().replaceAll("_", "-");
}
