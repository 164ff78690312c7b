/**
 * The world's people: a pool of regulars, and anybody else whom a rule or a look-up names. The same name or id is
 * always the same person within one simulator.
 */

import { hashText, mix, Random } from "../random.ts";
import { snowflake } from "../snowflake.ts";
import type { User } from "./types.ts";

const POOL_SIZE = 1_500;
const FIRST_NAMES = [
  "Ana",
  "Björn",
  "Chidi",
  "Dilek",
  "Émile",
  "Fatima",
  "Goran",
  "Haruka",
  "Inês",
  "Jamal",
  "Kim",
  "Łucja",
];
const LAST_NAMES = [
  "Arroyo",
  "Berg",
  "Çelik",
  "Demir",
  "Eze",
  "Fontaine",
  "García",
  "Hoang",
  "Itō",
  "Jansen",
  "Køhler",
  "Ng",
];
const HANDLES = ["radio", "garden", "tram", "kettle", "harbour", "violet", "northern", "paper", "lantern", "maple"];
const MORE_HANDLES = ["fox", "walks", "notes", "works", "days", "desk", "club", "news", "lab", "post"];
const LOCATIONS = ["Lisboa", "İzmir", "Lagos", "東京", "Québec", "São Paulo", "Αθήνα", "here & there", "Kraków 🇵🇱"];
const DESCRIPTIONS = [
  "I write about trains & bread.",
  "Opinions < facts. Coffee > tea.",
  'They call me "the quiet one".',
  "毎日散歩します。写真と音楽。",
  "أحب القراءة والبحر",
  "Lehrerin, Radfahrerin, Käsefan 🧀",
];
const SNOWFLAKES_SINCE_MS = 1_400_000_000_000;
const YEAR_MS = 365 * 86_400_000;
/** Names that begin so belong to nobody: for look-ups that fail. */
const MISSING_PREFIX = "missing_";

export class People {
  readonly #seed: number;
  readonly #pool: User[] = [];
  readonly #byName = new Map<string, User>();
  readonly #byId = new Map<string, User>();

  constructor(seed: number) {
    this.#seed = seed;
    for (let index = 0; index < POOL_SIZE; index++) this.#pool.push(this.#keep(this.#regular(index)));
  }

  /** One of the regulars; some of them write much more than others. */
  regular(random: Random): User {
    return this.#pool[Math.floor(random.fraction() ** 2 * POOL_SIZE)]!;
  }

  /** Whom a rule names: by username, or by id when it is all digits. */
  named(reference: string): User {
    return /^\d+$/.test(reference) ? this.withId(reference) : this.withUsername(reference);
  }

  /** The person of a username, whatever its case. */
  withUsername(username: string): User {
    const known = this.#byName.get(username.toLowerCase());
    if (known) return known;
    const hash = hashText(username.toLowerCase());
    return this.#keep(this.#person(String(1_000_000_000 + hash), username, mix(this.#seed, hash)));
  }

  /** The person of an id. */
  withId(id: string): User {
    const known = this.#byId.get(id);
    if (known) return known;
    const hash = hashText(id);
    return this.#keep(this.#person(id, `user_${id.slice(-10)}`, mix(this.#seed, hash)));
  }

  /** Whether a look-up finds somebody of this name. */
  exists(username: string): boolean {
    return !username.toLowerCase().startsWith(MISSING_PREFIX);
  }

  #keep(user: User): User {
    this.#byName.set(user.username.toLowerCase(), user);
    this.#byId.set(user.id, user);
    return user;
  }

  #regular(index: number): User {
    const random = new Random(mix(this.#seed, index + 1));
    const id = random.chance(0.5)
      ? String(10_000 + index * 97_003 + random.below(90_000))
      : snowflake(SNOWFLAKES_SINCE_MS + random.below(10 * 365) * 86_400_000, index);
    const handle = `${random.pick(HANDLES)}_${random.pick(MORE_HANDLES)}`.slice(0, 11);
    return this.#person(id, `${handle}${index}`, random.below(2 ** 32));
  }

  #person(id: string, username: string, seed: number): User {
    const random = new Random(seed);
    const isVerified = random.chance(0.12);
    const followers = Math.floor(10 ** random.between(0.5, 6));
    return {
      id,
      name: `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}${random.chance(0.1) ? " ✨" : ""}`,
      username,
      created_at: new Date(SNOWFLAKES_SINCE_MS - Math.floor(random.between(0, 4) * YEAR_MS)).toISOString(),
      description: random.pick(DESCRIPTIONS),
      ...(random.chance(0.6) ? { location: random.pick(LOCATIONS) } : {}),
      ...(random.chance(0.2) ? { url: `https://t.co/${random.hex(10)}` } : {}),
      profile_image_url: `https://pbs.twimg.com/profile_images/${id}/${random.hex(8)}_normal.jpg`,
      protected: false,
      public_metrics: {
        followers_count: followers,
        following_count: random.below(2_000),
        tweet_count: random.below(90_000),
        listed_count: Math.floor(followers / 90),
        like_count: random.below(50_000),
      },
      verified: isVerified,
      verified_type: isVerified ? "blue" : "none",
    };
  }
}
