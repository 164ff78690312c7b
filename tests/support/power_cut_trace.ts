/**
 * Runs a program under strace and tells, in order, what it did to the files of a directory and what it said on stdout
 * meanwhile.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Absence } from "./maven_jars.ts";
import type { DiskOperation } from "./power_cut_disk.ts";
import { findProgram } from "./programs.ts";

/** One thing that the program did. */
export type Traced = DiskOperation | { readonly kind: "said"; readonly text: string };

export interface TraceOptions {
  readonly command: readonly string[];
  /** The directory whose files count; those that end with `ignored` do not. */
  readonly directory: string;
  readonly ignored: string;
  /** The program is killed at this of its writes to a place in a file, the first being 1. */
  readonly killedAtWrite?: number;
}

/** What is done to files by way of descriptors, by name, and all else that would change them, which is not understood. */
const UNDERSTOOD = "openat,open,close,write,pwrite64,lseek,ftruncate,fsync,fdatasync,rename,renameat,renameat2," +
  "unlink,unlinkat";
const OTHERS =
  "creat,writev,pwritev,pwritev2,truncate,fallocate,copy_file_range,sendfile,link,linkat,symlink,symlinkat";
const STRACE = ["-f", "-y", "-xx"];

/** Why strace cannot be had, or undefined if it can. Where no process may look at another, that is nobody's fault. */
export function straceAbsence(): Absence | undefined {
  const strace = findProgram("strace");
  if (strace === undefined) return { reason: "strace is not installed", isExcused: false };
  const args = [...STRACE, "--trace=openat", "--output=/dev/null", "true"];
  const { success } = new Deno.Command(strace, { args, stdin: "null", stdout: "null", stderr: "null" }).outputSync();
  return success ? undefined : { reason: "strace may not look at other processes here", isExcused: true };
}

/** Runs the program to its end, or to its being killed. Throws when it fails, or does what is not understood. */
export async function traced(options: TraceOptions): Promise<Traced[]> {
  const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
  try {
    const { command, killedAtWrite } = options;
    const kill = killedAtWrite === undefined ? [] : [`--inject=pwrite64:signal=KILL:when=${killedAtWrite}`];
    const { signal, success, stderr } = await new Deno.Command("strace", {
      args: [
        ...STRACE,
        "--string-limit=16777216",
        `--trace=?${UNDERSTOOD.replaceAll(",", ",?")},?${OTHERS.replaceAll(",", ",?")}`,
        ...kill,
        `--output=${folder}/trace`,
        "--",
        ...command,
      ],
      stdin: "null",
      stdout: "null",
    }).output();
    if (!success && !(killedAtWrite !== undefined && signal === "SIGKILL")) {
      throw new Error(`The traced program failed. Its last words:\n${new TextDecoder().decode(stderr).slice(-2_000)}`);
    }
    return operationsIn(await Deno.readTextFile(`${folder}/trace`), options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A system call, what it was given, as strace shows it, and what it answered. */
interface Call {
  readonly name: string;
  readonly args: string;
  readonly answer: number;
}

function operationsIn(trace: string, { directory, ignored }: TraceOptions): Traced[] {
  const reader = new Reader(directory, ignored);
  return [...callsIn(trace)].flatMap((call) => reader.read(call));
}

/** The calls in the order in which they ended; those of several threads are mixed, and may be cut in two. */
function* callsIn(trace: string): Generator<Call> {
  const begun = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const [, thread = "", text = ""] = /^(\d+) +(.*)$/s.exec(line) ?? [];
    if (text.endsWith(" <unfinished ...>")) {
      begun.set(thread, text.slice(0, -" <unfinished ...>".length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text);
    const whole = resumed ? (begun.get(thread) ?? "") + text.slice(resumed[0].length) : text;
    const end = whole.lastIndexOf(") ");
    const name = whole.slice(0, whole.indexOf("("));
    const answer = /^\) += (-?\d+)/.exec(whole.slice(end))?.[1];
    if (!/^\w+$/.test(name) || answer === undefined || Number(answer) < 0) continue;
    yield { name, args: whole.slice(name.length + 1, end), answer: Number(answer) };
  }
}

class Reader {
  readonly #directory: string;
  readonly #ignored: string;
  /** Where descriptors are in their files. */
  readonly #places = new Map<number, number>();

  constructor(directory: string, ignored: string) {
    this.#directory = directory;
    this.#ignored = ignored;
  }

  read({ name: call, args, answer }: Call): Traced[] {
    const descriptor = Number(/^\d+/.exec(args)?.[0]);
    if (call === "write" && descriptor === 1) return [{ kind: "said", text: new TextDecoder().decode(bytesIn(args)) }];
    const [first, second] = this.#namesIn(call, args);
    if (first === undefined) return [];
    if (first === "") return call.endsWith("sync") ? [{ kind: "sync_directory" }] : [];
    const name = first;
    switch (call) {
      case "openat":
      case "open":
        this.#places.set(answer, 0);
        return [
          ...args.includes("O_CREAT") ? [{ kind: "create", name } as const] : [],
          ...args.includes("O_TRUNC") ? [{ kind: "truncate", name, size: 0 } as const] : [],
        ];
      case "close":
        this.#places.delete(descriptor);
        return [];
      case "lseek":
        this.#places.set(descriptor, answer);
        return [];
      case "write": {
        const offset = this.#places.get(descriptor)!;
        this.#places.set(descriptor, offset + answer);
        return [{ kind: "write", name, offset, bytes: bytesIn(args).subarray(0, answer) }];
      }
      case "pwrite64": {
        const offset = Number(/\d+$/.exec(args)![0]);
        return [{ kind: "write", name, offset, bytes: bytesIn(args).subarray(0, answer) }];
      }
      case "ftruncate":
        return [{ kind: "truncate", name, size: Number(/\d+$/.exec(args)![0]) }];
      case "fsync":
      case "fdatasync":
        return [{ kind: "sync", name }];
      case "unlink":
      case "unlinkat":
        return [{ kind: "remove", name }];
      case "rename":
      case "renameat":
      case "renameat2":
        if (second !== undefined) return [{ kind: "rename", name, to: second }];
    }
    throw new Error(`What becomes of ${name} by ${call} is not known to power_cut_trace.ts`);
  }

  /** The names of those files of the directory that a call is about; empty for the directory itself. */
  #namesIn(call: string, args: string): string[] {
    if (/^\d+<[^>]*>\(deleted\)/.test(args)) return [];
    // What is written is no name.
    const part = /write/.test(call) ? /^\d+<[^>]*>/.exec(args)?.[0] ?? "" : args;
    return [...part.matchAll(/[<"]((?:\\x[0-9a-f]{2})+)[>"]/g)].map(([, escaped = ""]) => textOf(escaped))
      .filter((path) => path === this.#directory || path.startsWith(`${this.#directory}/`))
      .map((path) => path.slice(this.#directory.length + 1))
      .filter((name) => !name.endsWith(this.#ignored));
  }
}

/** The bytes that a call writes: the last string among what it was given. */
function bytesIn(args: string): Uint8Array {
  const [, escaped = "", cut] = /"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?[^"]*$/.exec(args) ?? [];
  if (cut !== undefined) throw new Error("strace has cut what was written");
  return Buffer.from(escaped.replaceAll("\\x", ""), "hex");
}

function textOf(escaped: string): string {
  return new TextDecoder().decode(Buffer.from(escaped.replaceAll("\\x", ""), "hex"));
}
