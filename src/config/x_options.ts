/** The settings that are about X: who we are there, where it is, and what it is asked to send. */

import { option } from "./option.ts";
import * as parse from "./parsers.ts";
import * as fields from "./x_fields.ts";

/** How a default that is too long for a table is shown. */
const LISTED = "`traptor config` lists them";

/**
 * Public fields that tagging, the sinks and later steps read: text in all its forms, who wrote it, what it answers,
 * repeats or quotes, where and in which language, links, and whether it is withheld somewhere.
 */
const TWEET_FIELDS = "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,geo,id," +
  "in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,source,text,withheld";

/**
 * Expansions may be billed as reads of their own: without these five a matched tweet cannot be understood.
 * Those of media are left out: the ids are in the tweet.
 */
const EXPANSIONS = "author_id,in_reply_to_user_id,referenced_tweets.id,referenced_tweets.id.author_id,geo.place_id";

export const X_OPTIONS = {
  bearerToken: option({
    name: "BEARER_TOKEN",
    parse: parse.token,
    placeholder: "TOKEN",
    secret: true,
    help: "the app's bearer token",
  }),
  consumerKey: option({
    name: "CONSUMER_KEY",
    parse: parse.token,
    placeholder: "KEY",
    secret: true,
    help: "the app's key, from which with CONSUMER_SECRET the bearer token is fetched",
  }),
  consumerSecret: option({
    name: "CONSUMER_SECRET",
    parse: parse.token,
    placeholder: "SECRET",
    secret: true,
    help: "the app's secret",
  }),
  apiUrl: option({
    name: "TWITTER_API_URL",
    parse: parse.apiUrl,
    default: "https://api.x.com",
    flag: "api-url",
    placeholder: "URL",
    help: "where X's API is; http only on this machine",
  }),
  caFile: option({
    name: "X_CA_FILE",
    parse: parse.path,
    placeholder: "PATH",
    help: "certificates (PEM) of a private CA for the way to X; HTTPS_PROXY and NO_PROXY are obeyed as well",
  }),
  streamStall: option({
    name: "STREAM_STALL",
    parse: parse.duration,
    default: "45s",
    placeholder: "TIME",
    help:
      "how long X may be silent, without even a keep-alive, before the connection is given up; X sends one every 20 s",
  }),
  streamConnectTimeout: option({
    name: "STREAM_CONNECT_TIMEOUT",
    parse: parse.duration,
    default: "30s",
    placeholder: "TIME",
    help: "how long X may take to answer a connect",
  }),
  takeOver: option({
    name: "X_TAKE_OVER",
    parse: parse.truth,
    default: "false",
    placeholder: "true",
    help: "close the connection that has the app's only slot, whosever it is; two such collectors cut each other off",
  }),
  gapRepair: option({
    name: "GAP_REPAIR",
    parse: parse.oneOf("auto", "ask", "off"),
    default: "auto",
    placeholder: "WAY",
    help: "what was missed in a gap is fetched: auto (within the price below), ask (at `traptor gaps repair`), off",
  }),
  gapRepairMaxUsd: option({
    name: "GAP_REPAIR_MAX_USD",
    parse: parse.positive,
    default: "1",
    placeholder: "N",
    help: "what fetching the tweets of one gap may cost, by X's list of prices; more asks at `traptor gaps repair`",
  }),
  gapRepairMaxUsdADay: option({
    name: "GAP_REPAIR_MAX_USD_A_DAY",
    parse: parse.positive,
    default: "5",
    placeholder: "N",
    help: "the same for all gaps of one day (UTC)",
  }),
  tweetFields: option({
    name: "TWEET_FIELDS",
    parse: parse.fieldList(fields.TWEET_FIELD_NAMES, fields.PRIVATE_FIELDS),
    default: TWEET_FIELDS,
    defaultShown: LISTED,
    placeholder: "NAME,...",
    help: "what X is asked to send of a tweet; none for its id and text alone",
  }),
  expansions: option({
    name: "EXPANSIONS",
    parse: parse.fieldList(fields.EXPANSION_NAMES),
    default: EXPANSIONS,
    defaultShown: LISTED,
    placeholder: "NAME,...",
    help: "what X is asked to send along with a tweet, or none; X may bill it",
  }),
  userFields: option({
    name: "USER_FIELDS",
    parse: parse.fieldList(fields.USER_FIELD_NAMES),
    default: "created_at,description,id,location,name,protected,public_metrics,username,verified,withheld",
    defaultShown: LISTED,
    placeholder: "NAME,...",
    help: "what X is asked to send of a user",
  }),
  mediaFields: option({
    name: "MEDIA_FIELDS",
    parse: parse.fieldList(fields.MEDIA_FIELD_NAMES, fields.PRIVATE_FIELDS),
    default: "alt_text,media_key,type,url",
    placeholder: "NAME,...",
    help: "what X is asked to send of a picture or video, where EXPANSIONS asks for attachments.media_keys",
  }),
  placeFields: option({
    name: "PLACE_FIELDS",
    parse: parse.fieldList(fields.PLACE_FIELD_NAMES),
    default: "country,country_code,full_name,geo,id,name,place_type",
    defaultShown: LISTED,
    placeholder: "NAME,...",
    help: "what X is asked to send of a place",
  }),
} as const;
