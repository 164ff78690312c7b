/** The input of sources that read files: which one, and how far it was read. */

import { UsageError } from "../../base/errors.ts";
import type { Input } from "../../extract/input.ts";
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

/** Tells a watcher which part of an input was read. */
export function watchInput(input: () => Input | undefined, watch: Watch): (bytes: number) => void {
  return (bytes) => {
    const size = input()?.size;
    if (size !== undefined && size > 0) watch(bytes / size);
  };
}
