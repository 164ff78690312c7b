/** The settings that are about rules: how they become X's, how many a slot holds, and where MySQL has them. */

import { TIER_NAMES } from "../model/tier.ts";
import { option } from "./option.ts";
import * as parse from "./parsers.ts";

const perSlot = parse.whole(1, 1_000_000);

export const RULE_OPTIONS = {
  rulesApply: option({
    name: "RULES_APPLY",
    parse: parse.oneOf("auto", "manual"),
    default: "auto",
    placeholder: "auto|manual",
    help: "whether a collector changes the rules at X by itself, or leaves it to `traptor rules apply`",
  }),
  followScope: option({
    name: "FOLLOW_SCOPE",
    parse: parse.oneOf("all", "author"),
    default: "all",
    placeholder: "all|author",
    help: "of an account: all (posts, replies to them, retweets of them), or its own posts",
  }),
  geoMaxTiles: option({
    name: "GEO_MAX_TILES",
    parse: parse.whole(1, 10_000),
    default: "64",
    placeholder: "N",
    help: "the most tiles of less than 25 miles that the area of one geo rule is cut into",
  }),
  tier: option({
    name: "X_TIER",
    parse: parse.oneOf(...TIER_NAMES),
    default: "pay-per-use",
    placeholder: "TIER",
    help: `${TIER_NAMES.join(", ")}: what rules may be, where X does not say`,
  }),
  ruleCap: option({
    name: "X_RULE_CAP",
    parse: parse.whole(1, 1_000_000),
    defaultShown: "the tier's",
    placeholder: "N",
    help: "how many rules X allows; what X tells wins",
  }),
  ruleLength: option({
    name: "X_RULE_LENGTH",
    parse: parse.whole(100, 100_000),
    defaultShown: "the tier's",
    placeholder: "N",
    help: "how many characters X allows a rule",
  }),
  trackPerSlot: option({
    name: "TRACK_PER_SLOT",
    parse: perSlot,
    default: "400",
    placeholder: "N",
    help: "how many track rules are stored in one slot; the others go to the next",
  }),
  followPerSlot: option({
    name: "FOLLOW_PER_SLOT",
    parse: perSlot,
    default: "5000",
    placeholder: "N",
    help: "how many follow rules are stored in one slot",
  }),
  geoPerSlot: option({
    name: "GEO_PER_SLOT",
    parse: perSlot,
    default: "25",
    placeholder: "N",
    help: "how many geo rules are stored in one slot",
  }),
  queryPerSlot: option({
    name: "QUERY_PER_SLOT",
    parse: perSlot,
    default: "400",
    placeholder: "N",
    help: "how many query rules are stored in one slot",
  }),
  mysqlUrl: option({
    name: "MYSQL_URL",
    parse: parse.url("mysql", "mysqls"),
    placeholder: "URL",
    help: "where MySQL has rules, mysqls:// for TLS; instead of the five below",
  }),
  mysqlHost: option({
    name: "MYSQL_HOST",
    parse: parse.host,
    default: "localhost",
    placeholder: "HOST",
    help: "MySQL's host",
  }),
  mysqlPort: option({
    name: "MYSQL_PORT",
    parse: parse.whole(1, 65_535),
    default: "3306",
    placeholder: "N",
    help: "MySQL's port",
  }),
  mysqlUser: option({
    name: "MYSQL_USER",
    parse: parse.text,
    default: "traptor",
    placeholder: "NAME",
    help: "as whom MySQL is read",
  }),
  mysqlPassword: option({
    name: "MYSQL_PASSWORD",
    parse: parse.text,
    placeholder: "PASSWORD",
    secret: true,
    help: "with which password",
  }),
  mysqlDatabase: option({
    name: "MYSQL_DATABASE",
    parse: parse.text,
    default: "traptor",
    placeholder: "NAME",
    help: "in which database the rules are",
  }),
} as const;
