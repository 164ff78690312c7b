/**
 * Makes the world's tweets. The same seed, number, time and topic make the same tweet, so that nothing needs to be
 * kept to show it again. Shapes: a tweet, an answer, a quote, a retweet; any of them edited.
 */

import { mix, Random } from "../random.ts";
import { snowflake } from "../snowflake.ts";
import { compose, type Composed } from "./composer.ts";
import type { People } from "./people.ts";
import { anyPlace, placeInCountry, placeNamed, placeWithin, pointWithin } from "./places.ts";
import { writeText } from "./text_writer.ts";
import { NO_TOPIC, type Topic } from "./topic.ts";
import type { Piece, Place, Poll, Tweet, User, WorldTweet } from "./types.ts";

/** All that determines a tweet, beside the seed. */
export interface Recipe {
  readonly number: number;
  /** When it is posted: milliseconds since 1970. */
  readonly ms: number;
  readonly topic: Topic;
  /** Ids of the versions before this one, oldest first. */
  readonly earlier: readonly string[];
  /** The number that its content is made from: that of the first version. */
  readonly contentNumber: number;
}

const LONGEST_TEXT = 280;
/** X cuts the text of a retweet: the whole one is in the referenced tweet. */
const LONGEST_RETWEET_TEXT = 140;
const MOST_EDITS = 5;
const EDIT_TIME_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
const SOURCES = ["Twitter Web App", "Twitter for iPhone", "Twitter for Android", "Some <Bot> & Co"];
const CONTEXTS = [["46", "Business"], ["65", "Weather"], ["131", "Unified Twitter Taxonomy"]] as const;

/** The id that a recipe's tweet has. */
export function idOf(recipe: Recipe): string {
  return snowflake(recipe.ms, recipe.number);
}

export class TweetMaker {
  readonly #seed: number;
  readonly #people: People;

  constructor(seed: number, people: People) {
    this.#seed = seed;
    this.#people = people;
  }

  make(recipe: Recipe): WorldTweet {
    const { topic, ms } = recipe;
    const random = new Random(mix(this.#seed, recipe.contentNumber));
    const id = idOf(recipe);
    const shape = random.fraction();
    const author = this.#author(topic, random);
    const base = { id, ms, random, author, earlier: recipe.earlier };
    if (topic.retweetOf || topic.has.has("retweet") || (shape < 0.15 && !topic.hasNot.has("retweet") && !topic.to)) {
      return this.#retweet(topic, base);
    }
    if (topic.to || topic.has.has("reply") || (shape < 0.35 && !topic.hasNot.has("reply"))) {
      return this.#answer(topic, base);
    }
    const canQuote = !topic.hasNot.has("quote") && !topic.hasNot.has("links");
    if (topic.has.has("quote") || (shape < 0.45 && canQuote)) return this.#quote(topic, base);
    return this.#write(topic, base, {});
  }

  #author(topic: Topic, random: Random): User {
    if (topic.from) return this.#people.named(topic.from);
    let author = this.#people.regular(random);
    for (let tries = 0; topic.has.has("verified") && !author.verified && tries < 50; tries++) {
      author = this.#people.regular(random);
    }
    return author;
  }

  #retweet(topic: Topic, base: Base): WorldTweet {
    const { random, author } = base;
    const originalAuthor = topic.retweetOf ? this.#people.named(topic.retweetOf) : this.#people.regular(random);
    const original = this.#write(withoutPlace(topic), this.#before(base, originalAuthor), {});
    const pieces: Piece[] = ["RT ", { mention: originalAuthor }, ": ", ...original.pieces];
    const written = writeText(pieces, LONGEST_RETWEET_TEXT);
    return finish(base, {
      text: written.text,
      plainText: original.plainText,
      pieces,
      entities: written.entities,
      lang: original.tweet.lang,
      mentioned: [originalAuthor, ...original.mentioned],
      retweeted: original,
      references: [{ type: "retweeted", id: original.tweet.id }],
      author,
    });
  }

  #answer(topic: Topic, base: Base): WorldTweet {
    const { random } = base;
    const other = topic.to ? this.#people.named(topic.to) : this.#people.regular(random);
    const answered = this.#write(NO_TOPIC, this.#before(base, other), {});
    const isVisible = random.chance(0.95);
    return this.#write(topic, base, { repliedTo: other, answered, isAnsweredVisible: isVisible });
  }

  #quote(topic: Topic, base: Base): WorldTweet {
    const quotesTopic = base.random.chance(0.3);
    const other = this.#people.regular(base.random);
    const quoted = this.#write(
      quotesTopic ? withoutPlace(topic) : NO_TOPIC,
      this.#before(base, other),
      {},
    );
    return this.#write(quotesTopic ? { ...topic, words: [], hashtags: [] } : topic, base, { quoted });
  }

  /** What a tweet refers to was posted by somebody some time before. */
  #before(base: Base, author: User): Base {
    const age = 1_000 + base.random.below(DAY_MS);
    const ms = base.ms - age;
    return { ...base, author, ms, id: snowflake(ms, base.random.below(4_096)), earlier: [] };
  }

  #write(topic: Topic, base: Base, context: Context): WorldTweet {
    const { random, author, id } = base;
    const answerTo = context.repliedTo;
    const composed = compose({ topic, random, people: this.#people, author, id, ...(answerTo ? { answerTo } : {}) });
    const pieces: Piece[] = [...composed.pieces];
    if (context.quoted) pieces.push(" ", { link: linkToTweet(context.quoted, random) });
    if (base.earlier.length > 0) pieces.push(` (v${base.earlier.length + 1})`);
    const { place, point } = placeOf(topic, random);
    const whole = writeText(pieces);
    const isNote = composed.isNote || whole.length > LONGEST_TEXT;
    const shown = isNote ? writeText(pieces, LONGEST_TEXT) : whole;
    const poll = random.chance(0.01) && composed.media.length === 0 ? makePoll(base) : undefined;
    return finish(base, {
      text: shown.text,
      plainText: whole.plainText,
      pieces,
      entities: shown.entities,
      lang: composed.language,
      mentioned: composed.mentioned,
      author,
      media: composed.media,
      ...(isNote ? { note: whole } : {}),
      ...(context.quoted ? { quoted: context.quoted } : {}),
      ...(answerTo ? { repliedTo: answerTo } : {}),
      ...(context.answered && context.isAnsweredVisible ? { answered: context.answered } : {}),
      references: [
        ...(context.answered ? [{ type: "replied_to" as const, id: context.answered.tweet.id }] : []),
        ...(context.quoted ? [{ type: "quoted" as const, id: context.quoted.tweet.id }] : []),
      ],
      ...(place ? { place } : {}),
      ...(point ? { point } : {}),
      ...(poll ? { poll } : {}),
    });
  }
}

interface Base {
  readonly id: string;
  readonly ms: number;
  readonly random: Random;
  readonly author: User;
  readonly earlier: readonly string[];
}

interface Context {
  readonly quoted?: WorldTweet;
  readonly repliedTo?: User;
  readonly answered?: WorldTweet;
  readonly isAnsweredVisible?: boolean;
}

interface Content {
  readonly text: string;
  readonly plainText: string;
  readonly pieces: readonly Piece[];
  readonly entities: ReturnType<typeof writeText>["entities"];
  readonly lang: string;
  readonly mentioned: readonly User[];
  readonly author: User;
  readonly media?: Composed["media"];
  readonly note?: ReturnType<typeof writeText>;
  readonly retweeted?: WorldTweet;
  readonly quoted?: WorldTweet;
  readonly repliedTo?: User;
  readonly answered?: WorldTweet;
  readonly references: NonNullable<Tweet["referenced_tweets"]>;
  readonly place?: Place;
  readonly point?: [number, number];
  readonly poll?: Poll;
}

function finish(base: Base, content: Content): WorldTweet {
  const { random, id, ms } = base;
  const { place, point, note, poll, media = [] } = content;
  const attachments = {
    ...(media.length > 0 ? { media_keys: media.map((item) => item.media_key) } : {}),
    ...(poll ? { poll_ids: [poll.id] } : {}),
  };
  const context = random.chance(0.1) ? random.pick(CONTEXTS) : undefined;
  const popularity = random.below(20);
  const tweet: Tweet = {
    id,
    text: content.text,
    edit_history_tweet_ids: [...base.earlier, id],
    author_id: content.author.id,
    created_at: new Date(ms).toISOString(),
    conversation_id: content.answered?.tweet.conversation_id ?? id,
    lang: content.lang,
    possibly_sensitive: random.chance(0.01),
    reply_settings: "everyone",
    source: random.pick(SOURCES),
    public_metrics: {
      retweet_count: popularity,
      reply_count: popularity >> 1,
      like_count: popularity * 3,
      quote_count: popularity >> 2,
      bookmark_count: 0,
      impression_count: popularity * 41,
    },
    edit_controls: {
      edits_remaining: MOST_EDITS - base.earlier.length,
      is_edit_eligible: content.retweeted === undefined,
      editable_until: new Date(ms + EDIT_TIME_MS).toISOString(),
    },
    ...(content.repliedTo ? { in_reply_to_user_id: content.repliedTo.id } : {}),
    ...(content.references.length > 0 ? { referenced_tweets: content.references } : {}),
    ...(Object.keys(content.entities).length > 0 ? { entities: content.entities } : {}),
    ...(media.length > 0 || poll ? { attachments } : {}),
    ...(place
      ? { geo: { place_id: place.id, ...(point ? { coordinates: { type: "Point", coordinates: point } } : {}) } }
      : {}),
    ...(note ? { note_tweet: { text: note.text, entities: note.entities } } : {}),
    ...(context
      ? {
        context_annotations: [{
          domain: { id: context[0], name: context[1] },
          entity: { id: "1", name: context[1] },
        }],
      }
      : {}),
  };
  return {
    tweet,
    author: content.author,
    mentioned: content.mentioned,
    repliedTo: content.repliedTo,
    retweeted: content.retweeted,
    quoted: content.quoted,
    answered: content.answered,
    place,
    media,
    poll,
    plainText: content.plainText,
    pieces: content.pieces,
  };
}

function placeOf(topic: Topic, random: Random): { place?: Place; point?: [number, number] } {
  const isByChance = random.chance(0.04) && !topic.hasNot.has("geo");
  if (topic.area) {
    const place = placeWithin(topic.area, random);
    return random.chance(0.5) ? { place, point: pointWithin(place.geo.bbox, random) } : { place };
  }
  if (topic.placeName) return { place: placeNamed(topic.placeName) };
  if (topic.countryCode) return { place: placeInCountry(topic.countryCode, random) };
  return topic.has.has("geo") || isByChance ? { place: anyPlace(random) } : {};
}

function withoutPlace({ area: _area, placeName: _name, countryCode: _code, ...topic }: Topic): Topic {
  return topic;
}

function linkToTweet(quoted: WorldTweet, random: Random) {
  const address = `https://x.com/${quoted.author.username}/status/${quoted.tweet.id}`;
  return { url: `https://t.co/${random.hex(10)}`, expanded_url: address, display_url: `${address.slice(8, 34)}…` };
}

function makePoll({ id, ms }: Base): Poll {
  return {
    id,
    options: [{ position: 1, label: "yes & no", votes: 3 }, { position: 2, label: "たぶん", votes: 4 }],
    duration_minutes: 1_440,
    end_datetime: new Date(ms + DAY_MS).toISOString(),
    voting_status: "open",
  };
}
