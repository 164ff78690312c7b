/**
 * The operators of X's filtered stream: which may stand alone, which need company, and which values they take.
 * Source: docs.x.com, Filtered stream: Operators. Where X does not say whether an operator may stand alone, it may not.
 */

export interface Operator {
  readonly name: string;
  readonly standalone: boolean;
  /** What is wrong with a value, or undefined. */
  check(value: string): string | undefined;
}

const LANGUAGES = new Set(
  ("am ar bg bn bo ca ckb cs cy da de dv el en es et eu fa fi fr gu he hi ht hu hy id in is it iw ja ka km kn ko lo lt " +
    "lv ml mr my ne nl no or pa pl ps pt ro ru sd si sk sl sr sv ta te th tl tr ug uk und ur vi zh art qam qct qht qme " +
    "qst zxx").split(" "),
);
const IS_VALUES = new Set(["retweet", "reply", "quote", "verified", "nullcast"]);
const HAS_VALUES = new Set(
  ["hashtags", "cashtags", "links", "mentions", "media", "media_link", "images", "video_link", "videos", "geo"],
);
/** The largest width, height or radius of an area, in miles. */
const AREA_LIMIT_MILES = 25;
const KM_PER_MILE = 1.609344;
const MILES_PER_DEGREE = 69.0934;

const anything = () => undefined;

const matching = (pattern: RegExp, what: string) => (value: string) =>
  pattern.test(value) ? undefined : `Invalid value '${value}': expected ${what}`;

const oneOf = (known: ReadonlySet<string>) => (value: string) =>
  known.has(value) ? undefined : `Invalid value '${value}'`;

const user = matching(/^(\w{1,15}|\d{1,19})$/, "a username without @, or a numeric user id");
const digits = matching(/^\d{1,19}$/, "a numeric id");
const count = matching(/^\d{1,12}(\.\.\d{1,12})?$/, "a number or a range a..b");

const STANDALONE: Readonly<Record<string, (value: string) => string | undefined>> = {
  "from": user,
  "to": user,
  "retweets_of": user,
  "from_affiliate_of": user,
  "to_affiliate_of": user,
  "url": anything,
  "context": matching(/^(\d+|\*)\.(\d+|\*)$/, "domain.entity"),
  "entity": anything,
  "conversation_id": digits,
  "bio": anything,
  "bio_name": anything,
  "bio_location": anything,
  "place": anything,
  "place_country": matching(/^[A-Za-z]{2}$/, "a country code of two letters"),
  "point_radius": checkPointRadius,
  "bounding_box": checkBoundingBox,
};

const CONJUNCTION: Readonly<Record<string, (value: string) => string | undefined>> = {
  "is": oneOf(IS_VALUES),
  "has": oneOf(HAS_VALUES),
  "lang": oneOf(LANGUAGES),
  "sample": (value) =>
    /^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= 100 ? undefined : `Invalid value '${value}'`,
  "url_title": anything,
  "url_description": anything,
  "url_contains": anything,
  "source": anything,
  "followers_count": count,
  "tweets_count": count,
  "following_count": count,
  "listed_count": count,
  "in_reply_to_tweet_id": digits,
  "retweets_of_tweet_id": digits,
};

const ALIASES: Readonly<Record<string, string>> = {
  retweets_of_user: "retweets_of",
  user_bio: "bio",
  user_bio_location: "bio_location",
  geo_bounding_box: "bounding_box",
  min_followers: "followers_count",
  statuses_count: "tweets_count",
  friends_count: "following_count",
  user_in_lists_count: "listed_count",
  in_reply_to_status_id: "in_reply_to_tweet_id",
  retweets_of_status_id: "retweets_of_tweet_id",
};

/** The operator of a name or an alias; undefined when a pay-per-use project has none of that name. */
export function operatorOf(name: string): Operator | undefined {
  const canonical = ALIASES[name] ?? name;
  const standalone = Object.hasOwn(STANDALONE, canonical) ? STANDALONE[canonical] : undefined;
  const conjunction = Object.hasOwn(CONJUNCTION, canonical) ? CONJUNCTION[canonical] : undefined;
  const check = standalone ?? conjunction;
  return check && { name: canonical, standalone: standalone !== undefined, check };
}

/** A box as west, south, east, north in degrees; undefined when it is no box. */
export function readBox(value: string): [number, number, number, number] | undefined {
  const numbers = value.trim().split(/\s+/).map(Number);
  const [west, south, east, north] = numbers;
  if (numbers.length !== 4 || numbers.some((number) => !Number.isFinite(number))) return undefined;
  return [west!, south!, east!, north!];
}

/** A circle: longitude and latitude in degrees, radius in miles; undefined when it is none. */
export function readCircle(value: string): { longitude: number; latitude: number; miles: number } | undefined {
  const found = /^(-?[\d.]+)\s+(-?[\d.]+)\s+([\d.]+)(mi|km)$/.exec(value.trim());
  if (!found) return undefined;
  const [longitude, latitude, radius] = found.slice(1, 4).map(Number) as [number, number, number];
  if ([longitude, latitude, radius].some(Number.isNaN)) return undefined;
  return { longitude, latitude, miles: found[4] === "km" ? radius / KM_PER_MILE : radius };
}

/** Miles between two points, on a sphere. */
export function milesBetween(one: readonly [number, number], other: readonly [number, number]): number {
  const radians = Math.PI / 180;
  const halfHeight = Math.sin((other[1] - one[1]) * radians / 2);
  const halfWidth = Math.sin((other[0] - one[0]) * radians / 2);
  const chord = halfHeight ** 2 + Math.cos(one[1] * radians) * Math.cos(other[1] * radians) * halfWidth ** 2;
  return 2 * MILES_PER_DEGREE / radians * Math.asin(Math.min(Math.sqrt(chord), 1));
}

function checkBoundingBox(value: string): string | undefined {
  const box = readBox(value);
  if (!box) return "bounding_box must have four numbers: [west_long south_lat east_long north_lat]";
  const [west, south, east, north] = box;
  if (Math.abs(west) > 180 || Math.abs(east) > 180) return "longitude must be between -180 and 180";
  if (Math.abs(south) > 90 || Math.abs(north) > 90) return "latitude must be between -90 and 90";
  if (west >= east || south >= north) return "bounding_box coordinates must be in order: west south east north";
  const width = Math.max(milesBetween([west, south], [east, south]), milesBetween([west, north], [east, north]));
  if (width >= AREA_LIMIT_MILES) return `bounding_box width must be less than ${AREA_LIMIT_MILES}mi`;
  if (milesBetween([west, south], [west, north]) >= AREA_LIMIT_MILES) {
    return `bounding_box height must be less than ${AREA_LIMIT_MILES}mi`;
  }
  return undefined;
}

function checkPointRadius(value: string): string | undefined {
  const circle = readCircle(value);
  if (!circle) return "point_radius must be [longitude latitude radius], the radius in mi or km";
  if (Math.abs(circle.longitude) > 180) return "longitude must be between -180 and 180";
  if (Math.abs(circle.latitude) > 90) return "latitude must be between -90 and 90";
  if (circle.miles <= 0 || circle.miles >= AREA_LIMIT_MILES) return `radius must be less than ${AREA_LIMIT_MILES}mi`;
  return undefined;
}
