/**
 * A disk that fails for a while: system calls of a running process on some files answer with an error of the system, as
 * they would where the disk is broken. strace does that to it, for as long as it is attached.
 *
 * @module
 */
import { findProgram } from "./programs.ts";

/** An error as the system names it. */
export type SystemError = "EIO" | "EROFS" | "ENOSPC";

/** System calls on files, as strace names them. */
export type FileCall = "read" | "pread64" | "pwrite64" | "fdatasync" | "fsync" | "ftruncate";

export interface Failure {
  /** The process whose calls fail. */
  readonly pid: number;
  readonly files: readonly string[];
  readonly calls: readonly FileCall[];
  readonly error: SystemError;
}

/** Why no disk can be made to fail here; undefined where one can. */
export const FAILING_DISK_ABSENCE: string | undefined = absence();

/** Lets calls fail until it is disposed of. */
export async function failingDisk({ pid, files, calls, error }: Failure): Promise<AsyncDisposable> {
  const strace = new Deno.Command("strace", {
    args: [
      ...["-f", "-p", String(pid), "-o", "/dev/null", ...files.flatMap((file) => ["-P", file])],
      ...["-e", `trace=${calls.join(",")}`, "-e", `inject=${calls.join(",")}:error=${error}`],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  const attached = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const text of strace.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (/attached/.test(said)) attached.resolve();
    }
    attached.reject(new Error(`strace cannot be attached to ${pid}: ${said}`));
  })();
  await attached.promise;
  return {
    async [Symbol.asyncDispose]() {
      strace.kill("SIGINT");
      await Promise.all([strace.status, reading]);
      // A thread that was just being looked at may be left standing still.
      Deno.kill(pid, "SIGCONT");
    },
  };
}

/** Whether strace is there and may be attached to a process that it has not started. */
function absence(): string | undefined {
  if (findProgram("strace") === undefined) return "strace is not installed";
  const probe = "sleep 5 & other=$!; strace -qq -o /dev/null -p $other & sleep 0.2; kill $other; wait $!";
  const { success } = new Deno.Command("sh", { args: ["-c", probe], stdin: "null", stdout: "null", stderr: "null" })
    .outputSync();
  return success ? undefined : "strace may not be attached to a process here";
}
