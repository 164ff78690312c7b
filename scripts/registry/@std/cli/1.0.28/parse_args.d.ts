/**
 * `parseArgs`, typed for callers that narrow what they get. The original infers a type for each declared flag; here
 * every flag is `unknown`, which is stricter: code that is checked against this is right against the original too.
 *
 * @module
 */

/** What `parseArgs` may be told about the flags. */
export interface ParseOptions {
  /** Puts what follows a bare `--` into the result's `--` instead of its `_`. */
  "--"?: boolean;
  /** Other names of a flag, by its name. */
  alias?: Record<string, string | readonly string[]>;
  /** Flags that take no value; they are `false` when absent. */
  boolean?: boolean | string | readonly string[];
  /** Values for flags that are absent. */
  default?: Record<string, unknown>;
  /** Ends the parsing at the first argument that is no flag. */
  stopEarly?: boolean;
  /** Flags whose value stays the text that it is. */
  string?: string | readonly string[];
  /** Flags that may come several times; they are arrays, empty when absent. */
  collect?: string | readonly string[];
  /** Flags that `--no-NAME` sets to `false`. */
  negatable?: string | readonly string[];
  /** Called with each argument that nothing above declares; `false` leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The flags by their names, and the arguments that are no flags. */
export interface Args {
  [flag: string]: unknown;
  /** The arguments that belong to no flag. */
  _: Array<string | number>;
  /** The arguments after a bare `--`, if the options asked for them. */
  "--"?: string[];
}

/** Parses command line arguments into flags and the rest. */
export declare function parseArgs(args: string[], options?: ParseOptions): Args;
