/**
 * What the program may do, once: for `deno task start`, `deno task demo` and the compiled executable alike.
 * Nothing to run, no foreign functions; a permission that is missing is an error at once, never a question.
 *
 * @module
 */

/** The permissions as arguments of `deno run` and `deno compile`. */
export const PROGRAM_PERMISSIONS: readonly string[] = [
  "--no-prompt",
  // X, Redis, Kafka, MySQL and proxies are where the settings say.
  "--allow-net",
  // The settings, and those variables that the vendors' packages look at.
  "--allow-env",
  // Settings, rules, secrets, private CAs, the state directory and the file sink are where the user wants them.
  "--allow-read",
  "--allow-write",
  // The host's name names an instance in the roster; the user's id says whose a settings file must be; the journal
  // leaves a part of its disk free.
  "--allow-sys=hostname,uid,statfs",
];
