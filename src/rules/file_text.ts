/** The text of a file that is read whole: what stands still, and is UTF-8. */

import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import { RulesFileError } from "./rule_store.ts";

/** A file that was written to within this time may still be being written: whoever copies it does so in steps. */
export const SETTLE_MS = 100;

/** The longest file that is read; rules for a thousand apps would fit. */
const MOST_BYTES = 256 * 1024 * 1024;

/** How often a file that goes on changing is looked at before that is called a failure. */
const MOST_LOOKS = 50;

/**
 * The text of a file that did not change while it was read. A byte order mark is left out. Throws RulesFileError when
 * it cannot be read or is not UTF-8, TransientError when it goes on changing, the signal's reason when it is aborted.
 */
export async function readSettledText(path: string, clock: Clock, signal: AbortSignal): Promise<string> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    signal.throwIfAborted();
    const { bytes, age } = await reading(path, async () => {
      const before = await Deno.stat(path);
      refuseOdd(path, before);
      const bytes = await Deno.readFile(path);
      const after = await Deno.stat(path);
      const isSame = stampOf(before) === stampOf(after) && after.size === bytes.length;
      return { bytes, age: isSame ? clock.now() - (after.mtime?.getTime() ?? 0) : 0 };
    });
    // A time that lies ahead is another machine's, and says nothing.
    if (age < 0 || age >= SETTLE_MS) return decoded(bytes, path);
    await clock.sleep(SETTLE_MS - age, signal);
  }
  throw new TransientError("the file is being written all the time");
}

/** What tells one state of a file from the next; undefined when it is not there. */
export async function fileStamp(path: string): Promise<string | undefined> {
  try {
    return stampOf(await Deno.stat(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // Why it cannot be looked at is told by whoever reads it.
    return "out of sight";
  }
}

function stampOf({ mtime, size, ino, dev }: Deno.FileInfo): string {
  return [mtime?.getTime(), size, ino, dev].join(" ");
}

function refuseOdd(path: string, { isDirectory, isFile, size }: Deno.FileInfo): void {
  if (isDirectory) throw unreadable(path, "it is a directory");
  // A pipe may have no end, and a device tells no size.
  if (!isFile) throw unreadable(path, "it is no file");
  if (size > MOST_BYTES) throw unreadable(path, `it is longer than ${MOST_BYTES / 1024 / 1024} MB`);
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RulesFileError) throw error;
    if (error instanceof Deno.errors.NotFound) throw unreadable(path, "there is no such file", error);
    if (error instanceof Deno.errors.PermissionDenied) throw unreadable(path, "it may not be read", error);
    if (error instanceof Error) throw unreadable(path, `it cannot be read (${error.message})`, error);
    throw error;
  }
}

function unreadable(path: string, why: string, cause?: unknown): RulesFileError {
  return new RulesFileError(`Cannot read the rules in ${path}: ${why}`, {
    hint: "--rules file:PATH with a file of JSON, or of one value a line",
    cause,
  });
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RulesFileError(`Cannot read the rules in ${path}: line ${brokenLine(bytes)} is not UTF-8`, {
      hint: "Save the file as UTF-8; iconv converts it",
      cause,
    });
  }
}

/** The first line that is not UTF-8, from 1. No byte of a longer character looks like a line's end. */
function brokenLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline + 1;
    try {
      decoder.decode(bytes.subarray(from, end));
    } catch {
      return line;
    }
    from = end;
  }
  return line;
}
