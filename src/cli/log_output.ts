/** Where log lines go: stderr, or a file that the settings name. */

import { SettingsError } from "../base/errors.ts";
import { writeFullySync } from "../base/file_access.ts";
import { writeError } from "./terminal.ts";

export interface LogOutput {
  /** Whether a person watches. */
  readonly isTerminal: boolean;
  write(line: string): void;
  close(): void;
}

/** Opens the log's file for appending, for its owner only; stderr without one. Throws SettingsError. */
export function openLogOutput(path: string | undefined): LogOutput {
  if (path === undefined) return { isTerminal: Deno.stderr.isTerminal(), write: writeError, close: () => {} };
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
  } catch (error) {
    throw new SettingsError(`Cannot write the log to ${path}: ${(error as Error).message}`, {
      hint: "Name a file in a folder that you may write to with --log-file PATH",
      cause: error,
    });
  }
  const encoder = new TextEncoder();
  return {
    isTerminal: false,
    write: (line) => writeFullySync(file, encoder.encode(line)),
    close: () => file.close(),
  };
}
