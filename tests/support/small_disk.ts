/**
 * A small file system in memory that a test may fill: a mount of its own, where mounting is allowed.
 *
 * @module
 */
import { serviceTest } from "./services.ts";

/** Why there are no small disks here; undefined where there are. */
export const SMALL_DISK_ABSENCE: string | undefined = mayMount() ? undefined : "a file system cannot be mounted here";

const PIECE = new Uint8Array(65_536);
const TEST_DISK_BYTES = 16 * 1024 ** 2;

/** A mounted file system. Use it with `using`, outside of everything that has files there. */
export class SmallDisk implements Disposable {
  readonly folder: string;
  readonly #filler: string;

  /** Mounts one of so many bytes. */
  constructor(bytes: number) {
    this.folder = Deno.makeTempDirSync({ prefix: "traptor-test-disk-" });
    this.#filler = `${this.folder}/filler`;
    if (run("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", this.folder)) return;
    Deno.removeSync(this.folder);
    throw new Error(SMALL_DISK_ABSENCE ?? `${this.folder} cannot be mounted`);
  }

  /** Takes all the room that is left, to the last byte; or all but so many bytes. */
  fill(butBytes = 0): void {
    const file = Deno.openSync(this.#filler, { create: true, append: true });
    try {
      for (let size = PIECE.length; size >= 1;) {
        if (!isWritten(file, PIECE.subarray(0, size))) size = Math.floor(size / 2);
      }
      if (butBytes > 0) file.truncateSync(file.statSync().size - butBytes);
    } finally {
      file.close();
    }
  }

  /** Gives back what `fill` took. */
  free(): void {
    Deno.removeSync(this.#filler);
  }

  /** Makes it read-only, or writable again; nothing may be open for writing there. */
  remount(how: "ro" | "rw"): void {
    if (!run("mount", "-o", `remount,${how}`, this.folder)) {
      throw new Error(`${this.folder} cannot be remounted ${how}`);
    }
  }

  [Symbol.dispose](): void {
    // Lazily: a process that was just killed may still be letting go of its files.
    run("umount", "-l", this.folder);
    Deno.removeSync(this.folder);
  }
}

/** Registers a test with a disk of 16 MiB; ignored where there can be none. */
export function smallDiskTest(name: string, body: (disk: SmallDisk) => void | Promise<void>): void {
  serviceTest({
    name,
    needs: [],
    ignoredBecause: SMALL_DISK_ABSENCE,
    async fn() {
      using disk = new SmallDisk(TEST_DISK_BYTES);
      await body(disk);
    },
  });
}

/** Writes all of it; answers false where there is no room for that. */
function isWritten(file: Deno.FsFile, bytes: Uint8Array): boolean {
  try {
    return file.writeSync(bytes) === bytes.length;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOSPC" || /No space left/.test((error as Error).message)) return false;
    throw error;
  }
}

function mayMount(): boolean {
  const folder = Deno.makeTempDirSync({ prefix: "traptor-test-disk-" });
  const may = run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder) && run("umount", folder);
  Deno.removeSync(folder);
  return may;
}

function run(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}
