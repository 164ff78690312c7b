/** Writing to stdout and stderr. Data goes to stdout, everything else to stderr. */

const encoder = new TextEncoder();

/** Writes all of a text, or of bytes as they are, to stdout. Throws BrokenPipe when its reader has gone. */
export function writeOutput(output: string | Uint8Array): void {
  writeAll(Deno.stdout, output);
}

/** Writes a text to stderr. When nobody listens there, there is nobody to tell either. */
export function writeError(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, output: string | Uint8Array): void {
  const bytes = typeof output === "string" ? encoder.encode(output) : output;
  for (let at = 0; at < bytes.length;) {
    try {
      at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      // A pipe that was made non-blocking by somebody else and is full just now.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    }
  }
}

/** Rows as a table: columns are padded to their widest cell, the last one is not. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => widths[column] = Math.max(widths[column] ?? 0, widthOf(cell)));
  const padded = (cell: string, column: number) => cell + " ".repeat(widths[column]! - widthOf(cell));
  const line = (row: readonly string[]) => row.map(padded).join("  ").trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}

/** Characters that take two columns of a terminal, and those that take none. Not exact: terminals differ. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\p{Emoji_Presentation}]/u;
const WIDTHLESS = /[\p{M}\u200b-\u200d\ufe0f]/u;

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += WIDTHLESS.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
