/**
 * All that the program and its tests use of JSR, in one place: what the local registry has to offer, and what must be
 * in Deno's cache before a run without a network can use the real packages. Run by nobody, only resolved.
 *
 * @module
 */
export { assert } from "@std/assert";
export { parseArgs } from "@std/cli/parse-args";
export { BaseHandler } from "@std/log/base-handler";
export { LogLevels } from "@std/log/levels";
export { Logger } from "@std/log/logger";
