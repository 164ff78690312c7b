/**
 * The text of a file, or of stdin, in pieces as they are read: files may be larger than the memory that they deserve.
 * A byte order mark is left out. What is no file, or is not UTF-8, is an ExtractError that names the place.
 */

import { ExtractError } from "./extract_error.ts";

export interface Input {
  /** For people: the path, or `stdin`. */
  readonly name: string;
  /** In bytes; undefined where only the end tells. */
  readonly size: number | undefined;
  /** May be walked through once. */
  readonly pieces: AsyncIterable<string>;
}

/** How many bytes a character of UTF-8 has at most. */
const LONGEST_CHARACTER = 4;

/** Opens a path; `-` is stdin. `onBytes` hears how many bytes were read so far. Throws ExtractError. */
export async function openInput(path: string, onBytes: (bytes: number) => void = () => {}): Promise<Input> {
  if (path === "-") return { name: "stdin", size: undefined, pieces: decoded(Deno.stdin.readable, "stdin", onBytes) };
  const { file, size } = await opened(path);
  return { name: path, size, pieces: decoded(file.readable, path, onBytes) };
}

/** The whole text of an input. Throws ExtractError. */
export async function wholeText({ pieces }: Input): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

async function opened(path: string): Promise<{ file: Deno.FsFile; size: number | undefined }> {
  try {
    const file = await Deno.open(path);
    const { isDirectory, isFile, size } = await file.stat();
    if (!isDirectory) return { file, size: isFile ? size : undefined };
    file.close();
    throw unreadable(path, "it is a directory");
  } catch (error) {
    if (error instanceof ExtractError) throw error;
    if (error instanceof Deno.errors.NotFound) throw unreadable(path, "there is no such file");
    if (error instanceof Deno.errors.PermissionDenied) throw unreadable(path, "it may not be read");
    throw unreadable(path, (error as Error).message);
  }
}

async function* decoded(
  bytes: ReadableStream<Uint8Array>,
  name: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let read = 0;
  let line = 1;
  let before: Uint8Array = new Uint8Array();
  for await (const piece of bytes) {
    read += piece.length;
    const text = textOf(() => decoder.decode(piece, { stream: true }), () => line + wholeLines(before, piece), name);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) line += 1;
    // A piece may be as short as a byte.
    before = piece.length >= LONGEST_CHARACTER ? piece : joined(before.slice(-LONGEST_CHARACTER), piece);
    onBytes(read);
    if (text !== "") yield text;
  }
  textOf(() => decoder.decode(), () => line, name);
}

function textOf(decode: () => string, line: () => number, name: string): string {
  try {
    return decode();
  } catch {
    throw new ExtractError(`Cannot read the rules in ${name}: line ${line()} is not UTF-8`, {
      hint: "Save the file as UTF-8; iconv converts it",
    });
  }
}

/** How many lines end before what is not UTF-8 in a piece; the one before it may end within a character. */
function wholeLines(before: Uint8Array, piece: Uint8Array): number {
  const bytes = joined(begunCharacter(before), piece);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let lines = 0;
  for (let from = 0;; lines++) {
    const end = bytes.indexOf(10, from);
    if (end < 0) return lines;
    try {
      decoder.decode(bytes.subarray(from, end));
    } catch {
      return lines;
    }
    from = end + 1;
  }
}

/** The bytes at the end that begin a character and do not end it. */
function begunCharacter(bytes: Uint8Array): Uint8Array {
  for (let length = 1; length < LONGEST_CHARACTER && length <= bytes.length; length++) {
    const first = bytes.at(-length)!;
    const needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (needed > length) return bytes.subarray(-length);
  }
  return new Uint8Array();
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function unreadable(name: string, why: string): ExtractError {
  return new ExtractError(`Cannot read the rules in ${name}: ${why}`, {
    hint: "A path to a file, or - for stdin",
  });
}
