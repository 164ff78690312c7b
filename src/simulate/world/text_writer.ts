/**
 * Writes a tweet's text from its pieces and notes where its entities are. X escapes `&`, `<` and `>` in texts, and
 * counts entity positions in code points; both happen here. The plain text, without escapes, is what rules match.
 */

import type { Entities, Piece } from "./types.ts";

export interface Written {
  readonly text: string;
  readonly plainText: string;
  readonly entities: Entities;
  /** In code points, of `text`. */
  readonly length: number;
}

/** Writes pieces one after the other, the first `longest` code points of them; cut texts end in `…`. */
export function writeText(pieces: readonly Piece[], longest = Infinity): Written {
  const entities: Entities = {};
  let [text, plainText, length] = ["", "", 0];
  for (const piece of pieces) {
    const plain = plainOf(piece);
    const escaped = escape(plain);
    const end = length + codePoints(escaped);
    if (end > longest) {
      const kept = typeof piece === "string" ? [...plain].slice(0, Math.max(longest - length - 1, 0)).join("") : "";
      return { text: `${text}${escape(kept)}…`, plainText: `${plainText}${kept}…`, entities, length: longest };
    }
    text += escaped;
    plainText += plain;
    if (typeof piece !== "string") note(piece, entities, length, end);
    length = end;
  }
  return { text, plainText, entities, length };
}

function plainOf(piece: Piece): string {
  if (typeof piece === "string") return piece;
  if ("hashtag" in piece) return `#${piece.hashtag}`;
  if ("cashtag" in piece) return `$${piece.cashtag}`;
  if ("mention" in piece) return `@${piece.mention.username}`;
  return piece.link.url;
}

function note(piece: Exclude<Piece, string>, entities: Entities, start: number, end: number): void {
  if ("hashtag" in piece) (entities.hashtags ??= []).push({ start, end, tag: piece.hashtag });
  else if ("cashtag" in piece) (entities.cashtags ??= []).push({ start, end, tag: piece.cashtag });
  else if ("link" in piece) (entities.urls ??= []).push({ start, end, ...piece.link });
  else (entities.mentions ??= []).push({ start, end, username: piece.mention.username, id: piece.mention.id });
}

function escape(text: string): string {
  if (!/[&<>]/.test(text)) return text;
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) === 0xdc00) count -= 1;
  return count;
}
