/**
 * The rooms of `src/`, who may import whom, and who alone may use what of the platform. This is the whole of it: a new
 * room or a new exception is a line here.
 *
 * @module
 */

const GROUND = ["model", "base"];
const FLOOR_1 = ["model", "simulate", "templates", "base"];
const FLOOR_2 = [
  "config",
  "extract",
  "rules",
  "stream",
  "match",
  "journal",
  "deliver",
  "fleet",
  "budget",
  "observe",
];

/** For each room the rooms that it may import, itself aside. Rooms on floor 2 never import each other. */
export const ROOMS: ReadonlyMap<string, readonly string[]> = new Map([
  ["cli", ["collector", ...FLOOR_2, ...FLOOR_1]],
  ["collector", [...FLOOR_2, ...FLOOR_1]],
  ...FLOOR_2.map((room): [string, string[]] => [room, GROUND]),
  ["model", []],
  ["templates", []],
  ["base", []],
  ["simulate", []],
]);

/** Rooms that import nothing at all from outside, not even what the platform offers as `node:`. */
export const PURE_ROOMS: readonly string[] = ["model", "templates"];

/** What may lie at the top beside dotfiles; `dist` is made by the build and is no part of the repository. */
export const TOP_LEVEL: readonly string[] = [
  "deno.json",
  "deno.lock",
  "main.ts",
  "src",
  "scripts",
  "tests",
  "README.md",
  "LICENSE",
  "dist",
];

/** Files outside `src/` that a room may import. */
export const OUTSIDE_FILES: ReadonlyMap<string, readonly string[]> = new Map([["deno.json", ["cli"]]]);

/** Something of the platform that only some files may use. */
export interface Reserved {
  /** What it is, for people. */
  readonly what: string;
  /** Where it may be used: files, and folders with a slash at the end. */
  readonly allowedIn: readonly string[];
  /** Global names, or `object.member`; a trailing `()` means a call or construction without arguments. */
  readonly names: readonly string[];
  /** Specifiers that offer the same. */
  readonly specifiers: readonly string[];
}

/** Who alone may use what. */
export const RESERVED: readonly Reserved[] = [
  {
    what: "the environment",
    allowedIn: ["src/config/"],
    names: ["Deno.env", "process.env"],
    specifiers: ["node:process"],
  },
  {
    what: "the console",
    allowedIn: ["src/cli/", "src/deliver/stdout_sink.ts"],
    names: ["console"],
    specifiers: ["node:console"],
  },
  {
    what: "clocks and timers",
    allowedIn: ["src/base/clock.ts", "src/simulate/clock.ts"],
    names: [
      "Date.now",
      "Date()",
      "performance.now",
      "performance.timeOrigin",
      "process.hrtime",
      "setTimeout",
      "setInterval",
      "setImmediate",
      "AbortSignal.timeout",
      "Deno.unrefTimer",
      "Deno.refTimer",
      "Deno.cron",
      "Temporal.Now",
    ],
    specifiers: ["node:timers", "node:timers/promises", "node:perf_hooks"],
  },
  {
    what: "chance",
    allowedIn: ["src/base/random.ts"],
    names: [
      "Math.random",
      "crypto.getRandomValues",
      "crypto.randomUUID",
      "crypto.randomBytes",
      "crypto.randomInt",
      "randomUUID",
      "randomBytes",
      "randomInt",
    ],
    specifiers: [],
  },
  {
    what: "the end of the process",
    allowedIn: ["main.ts"],
    names: ["Deno.exit", "process.exit"],
    specifiers: [],
  },
];
