/** Texts that nobody means: pieces of queries in any order, bytes, halves of characters, and very long ones. */

import { pick } from "./generated_trees.ts";

type Chance = () => number;

const PIECES = [
  ...'"""\\\\(())[]--~~#@$:*,.!+=<>|^`_/ \t\n\r\0',
  '\\"',
  " OR ",
  " or ",
  " AND ",
  "OR",
  "NOT ",
  "-(",
  "from:",
  "bounding_box:[",
  "1 2 3 4]",
  "url:",
  "http://x.y/z?a=b",
  "is:retweet",
  "keyword:",
  "phrase:x",
  "~3",
  "deno",
  "the",
  "2024",
  "地震",
  "❤️",
  "1️⃣",
  "👩‍💻",
  "🦖",
  "\ufe0f",
  "\u200d",
  "\u0301",
  "\u202e",
  "\ufeff",
  "\u2028",
  "\ud83d",
  "\ude00",
  "\ufffd",
  "__proto__",
  "constructor:",
  "toString",
  "é",
  "ß",
  "İ",
];

/** A text of hostile pieces, of bytes decoded, or of any characters. */
export function hostileText(chance: Chance): string {
  const length = Math.floor(chance() * 24);
  return pick<() => string>([
    () => Array.from({ length }, () => pick(PIECES, chance)).join(""),
    () => Array.from({ length }, () => pick(PIECES, chance)).join(""),
    () => new TextDecoder().decode(Uint8Array.from({ length }, () => chance() * 256)),
    () => new TextDecoder("utf-16le").decode(Uint8Array.from({ length: length * 2 }, () => chance() * 256)),
    () => String.fromCharCode(...Array.from({ length }, () => Math.floor(chance() * 65_536))),
    () => Array.from({ length }, () => anyCharacter(chance)).join(""),
  ], chance)();
}

function anyCharacter(chance: Chance): string {
  return String.fromCodePoint(Math.floor(chance() * (chance() < 0.5 ? 0x3000 : 0x110000)));
}

/** A text of 100,000 characters for each of many pieces: what would take for ever if anything did. */
export function longTexts(): string[] {
  const long = (piece: string) => piece.repeat(Math.ceil(100_000 / piece.length)).slice(0, 100_000);
  return [
    ...[...PIECES, "a OR ", "-a ", "(a) ", "(a OR ", '"\\', '\\"', '"a"~1', "a.", "a,", "from:( ", "地震 "].map(long),
    `"${long("\\")}`,
    `a "${long("a ")}`,
    `${long("a")}:b`,
    `is:${long("a")}`,
    `x -(${long("a OR ")}b)`,
    `${"(".repeat(50_000)}a${")".repeat(50_000)}`,
    long('{"type":"Feature","geometry":'),
    long("["),
  ];
}
