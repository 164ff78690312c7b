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
  for await (const piece of bytes) {
    read += piece.length;
    const text = decodedPiece(decoder, piece, name, line);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) line += 1;
    onBytes(read);
    if (text !== "") yield text;
  }
  decodedPiece(decoder, undefined, name, line);
}

function decodedPiece(decoder: TextDecoder, piece: Uint8Array | undefined, name: string, line: number): string {
  try {
    return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
  } catch {
    throw new ExtractError(`Cannot read the rules in ${name}: line ${line + linesBefore(piece)} is not UTF-8`, {
      hint: "Save the file as UTF-8; iconv converts it",
    });
  }
}

/** How many lines of a piece end before what is not UTF-8 in it. A piece may begin inside a character. */
function linesBefore(piece: Uint8Array = new Uint8Array()): number {
  let lines = 0;
  for (let from = 0;;) {
    const newline = piece.indexOf(10, from);
    if (newline < 0) return lines;
    const isFirst = from === 0;
    const text = new TextDecoder().decode(piece.subarray(from, newline));
    if (text.includes("\ufffd") && !(isFirst && /^\ufffd{1,3}[^\ufffd]*$/.test(text))) return lines;
    lines += 1;
    from = newline + 1;
  }
}

function unreadable(name: string, why: string): ExtractError {
  return new ExtractError(`Cannot read the rules in ${name}: ${why}`, {
    hint: "A path to a file, or - for stdin",
  });
}
