/** Text in an exact number of a terminal's columns. */

import { widthOf } from "../terminal.ts";

/** The text in exactly so many columns: padded at its end (or its beginning), or cut, which shows as `…`. */
export function fitted(text: string, columns: number, side: "left" | "right" = "left"): string {
  if (columns <= 0) return "";
  const kept = widthOf(text) <= columns ? text : cut(text, columns);
  const blank = " ".repeat(columns - widthOf(kept));
  return side === "left" ? kept + blank : blank + kept;
}

function cut(text: string, columns: number): string {
  let kept = "";
  let width = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Parts side by side, with two blanks between them, in as few lines as they need; those after `most` are left out. */
export function packed(parts: readonly string[], columns: number, most: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 2 + widthOf(part) <= columns) {
      lines[lines.length - 1] = `${last}  ${part}`;
    } else lines.push(last === undefined ? part : `  ${part}`);
  }
  return lines.slice(0, most);
}
