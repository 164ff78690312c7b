/** The input of sources that read files: which one, and how far it was read. */

import { UsageError } from "../../base/errors.ts";
import { type Input, openInput } from "../../extract/input.ts";
import type { Arguments } from "../arguments.ts";
import type { Watch } from "./source.ts";

/** The one file that a command reads, or stdin. Throws UsageError. */
export function onlyFile(command: string, { positionals }: Arguments): string {
  const [path, another] = positionals;
  if (path === undefined || another !== undefined) {
    throw new UsageError(`Cannot tell what to read: \`traptor rules ${command}\` takes one file, or - for stdin`, {
      hint: `\`traptor rules ${command} --help\``,
    });
  }
  return path;
}

/** Opens a file, or stdin; a watcher is told which part of it was read. Throws ExtractError. */
export async function openWatched(path: string, watch: Watch): Promise<Input> {
  // Nothing is read before its pieces are walked through.
  const input: Input = await openInput(path, (bytes) => {
    if (input.size !== undefined && input.size > 0) watch(bytes / input.size);
  });
  return input;
}
