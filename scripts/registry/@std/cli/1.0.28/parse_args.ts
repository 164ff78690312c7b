/**
 * The local registry's `@std/cli/parse-args`: std's own code, as npm carries it, under the types of `parse_args.d.ts`.
 *
 * @module
 */
// deno-lint-ignore-file no-import-prefix -- a package of a registry names its dependencies in full
// @ts-types="./parse_args.d.ts"
export { parseArgs } from "npm:deno-std@1.4.0/cli/parse_args.js";
