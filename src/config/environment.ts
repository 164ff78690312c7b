/** The only place that reads the environment: once, as a whole. */

/** The environment's variables. */
export function readEnvironment(): Record<string, string> {
  return Deno.env.toObject();
}
