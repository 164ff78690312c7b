/** The file that `--refused` names: what was refused, with the reasons, a JSON object a line. */

import { UsageError } from "../../base/errors.ts";
import { writeFullySync } from "../../base/file_access.ts";
import type { Refusal } from "../../extract/entry.ts";

const encoder = new TextEncoder();

export class RefusedFile {
  #file: Deno.FsFile | undefined;
  #count = 0;

  private constructor(readonly path: string | undefined, file: Deno.FsFile | undefined) {
    this.#file = file;
  }

  /** Opens a file anew; without a path it only counts. Throws UsageError when it cannot be written. */
  static async open(path: string | undefined): Promise<RefusedFile> {
    if (path === undefined) return new RefusedFile(undefined, undefined);
    try {
      return new RefusedFile(path, await Deno.open(path, { write: true, create: true, truncate: true, mode: 0o600 }));
    } catch (cause) {
      throw new UsageError(`Cannot write what is refused into ${path}: ${(cause as Error).message}`, {
        hint: "--refused FILE with a file that you may write",
        cause,
      });
    }
  }

  /** How many were refused. */
  get count(): number {
    return this.#count;
  }

  add({ where, value, reason }: Refusal): void {
    this.#count += 1;
    if (!this.#file) return;
    writeFullySync(this.#file, encoder.encode(`${JSON.stringify({ where, value, reason })}\n`));
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
