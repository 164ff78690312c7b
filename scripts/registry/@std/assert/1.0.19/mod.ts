/**
 * The local registry's `@std/assert`: std's own code, as npm carries it, under the types of `assertions.d.ts`.
 *
 * @module
 */
// deno-lint-ignore-file no-import-prefix -- a package of a registry names its dependencies in full
// @ts-types="./assertions.d.ts"
export * from "npm:deno-std@1.4.0/assert/mod.js";
