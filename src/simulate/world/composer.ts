/**
 * Composes what a tweet says: a sentence or several of its language with the topic woven in, tags, mentions, links,
 * media, emoji. What the topic asks for comes in, what it forbids stays out, the rest is chance.
 */

import type { Random } from "../random.ts";
import { EMOJI, type Language, languageAt, languageOf, languageOfScript } from "./languages.ts";
import type { People } from "./people.ts";
import type { Feature, Topic } from "./topic.ts";
import type { Link, Media, Piece, User } from "./types.ts";

const LINK_HOSTS = ["example.com", "news.example.org", "blog.example.net", "文章.example"];
const CASHTAGS = ["ACME", "XMPL", "TREE"];
/** Languages whose sentences follow each other without a space. */
const UNSPACED = new Set(["ja", "zh"]);
const SENTENCES_OF_A_NOTE = 12;

export interface Composed {
  readonly pieces: readonly Piece[];
  readonly language: string;
  readonly mentioned: readonly User[];
  readonly media: readonly Media[];
  /** Longer than a tweet's text may be. */
  readonly isNote: boolean;
}

export interface ComposeOptions {
  readonly topic: Topic;
  readonly random: Random;
  readonly people: People;
  /** Whose tweet it is to be, for the addresses of its media. */
  readonly author: User;
  /** The id that it is to have. */
  readonly id: string;
  /** Mentioned in front, as in an answer. */
  readonly answerTo?: User;
}

export function compose({ topic, random, people, author, id, answerTo }: ComposeOptions): Composed {
  const wants = (feature: Feature, probability: number): boolean => {
    const isByChance = random.chance(probability);
    return topic.has.has(feature) || (isByChance && !topic.hasNot.has(feature));
  };
  const language = pickLanguage(topic, random);
  const isNote = random.chance(0.02);
  const mentioned = [
    ...(answerTo ? [answerTo] : []),
    ...topic.mentions.map((name) => people.named(name)),
    ...(wants("mentions", 0.12) ? [people.regular(random)] : []),
  ];
  const pieces: Piece[] = answerTo ? [{ mention: answerTo }, " "] : [];
  pieces.push(...sentences(topic, language, random, isNote));
  for (const user of mentioned.slice(answerTo ? 1 : 0)) pieces.push(" ", { mention: user });

  const tags = [...topic.hashtags];
  if (wants("hashtags", 0.2) && tags.length === 0) tags.push(asTag(random.pick(language.nouns)));
  for (const hashtag of tags) pieces.push(" ", { hashtag });
  const cashtags = [...topic.cashtags];
  if (wants("cashtags", 0.01) && cashtags.length === 0) cashtags.push(random.pick(CASHTAGS));
  for (const cashtag of cashtags) pieces.push(" ", { cashtag });

  const links = topic.links.map((part) => linkTo(part, random));
  if (wants("links", 0.18) && links.length === 0) links.push(linkTo(undefined, random));
  for (const link of links) pieces.push(" ", { link });
  const media = topic.hasNot.has("links") ? [] : makeMedia(wants, random);
  if (media.length > 0) pieces.push(" ", { link: linkToMedia(media[0]!, author, id, random) });
  return { pieces, language: language.code, mentioned, media, isNote };
}

function pickLanguage(topic: Topic, random: Random): Language {
  const fraction = random.fraction();
  if (topic.language) return languageOf(topic.language);
  return languageOfScript(topic.words.join("") + topic.hashtags.join("")) ?? languageAt(fraction);
}

function sentences(topic: Topic, language: Language, random: Random, isNote: boolean): string[] {
  const gap = UNSPACED.has(language.code) ? "" : " ";
  const subject = topic.words.length > 0 ? topic.words.join(" ") : random.pick(language.nouns);
  const written = [filled(random.pick(language.sentences), subject)];
  const more = isNote ? SENTENCES_OF_A_NOTE : random.chance(0.3) ? 1 : 0;
  for (let count = 0; count < more; count++) {
    written.push(filled(random.pick(language.sentences), random.pick(language.nouns)));
  }
  const separator = random.chance(0.1) ? "\n" : random.chance(0.03) ? "\r\n\r\n" : gap;
  const emoji = random.chance(0.3) ? ` ${random.pick(EMOJI)}` : "";
  return [`${written.join(separator)}${emoji}`];
}

function filled(sentence: string, subject: string): string {
  return sentence.replace("{}", () => subject);
}

function asTag(noun: string): string {
  return noun.replace(/[^\p{L}\p{M}\p{N}_]/gu, "");
}

/** A link to an address of which a part is given. */
function linkTo(part: string | undefined, random: Random): Link {
  const path = `${random.pick(["post", "article", "2026", "p"])}/${random.hex(6)}`;
  let expanded = `https://${random.pick(LINK_HOSTS)}/${path}`;
  if (part !== undefined) {
    if (/^https?:\/\//.test(part)) expanded = part;
    else expanded = /^[\w-]+(\.[\w-]+)+(\/|$)/.test(part) ? `https://${part}` : `https://example.com/${part}/${path}`;
  }
  const shown = expanded.replace(/^https?:\/\//, "");
  return {
    url: `https://t.co/${random.hex(10)}`,
    expanded_url: expanded,
    display_url: shown.length > 26 ? `${shown.slice(0, 26)}…` : shown,
    status: 200,
    title: "A page & what it says",
    description: "Words “about” this page",
    unwound_url: expanded,
  };
}

function linkToMedia(media: Media, author: User, id: string, random: Random): Link {
  const code = random.hex(10);
  return {
    url: `https://t.co/${code}`,
    expanded_url: `https://x.com/${author.username}/status/${id}/${media.type === "photo" ? "photo" : "video"}/1`,
    display_url: `pic.x.com/${code}`,
    media_key: media.media_key,
  };
}

function makeMedia(wants: (feature: Feature, probability: number) => boolean, random: Random): Media[] {
  const isVideo = wants("videos", 0.03);
  const isPicture = wants("images", 0.08);
  if (!isVideo && !isPicture && !wants("media", 0)) return [];
  const key = `${isVideo ? 13 : 3}_${random.below(2 ** 31)}${random.below(10 ** 9)}`;
  const address = `https://pbs.twimg.com/media/${random.hex(15)}.jpg`;
  if (!isVideo) {
    const alternative = random.chance(0.4) ? { alt_text: "A kettle on a stove <1998>" } : {};
    return [{ media_key: key, type: "photo", url: address, height: 1200, width: 1600, ...alternative }];
  }
  const duration = 5_000 + random.below(100_000);
  return [{
    media_key: key,
    type: "video",
    preview_image_url: address,
    duration_ms: duration,
    height: 720,
    width: 1280,
  }];
}
