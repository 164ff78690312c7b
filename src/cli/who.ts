/** Who is at work, for the history of the rules. */

import type { Loaded } from "../config/load.ts";

/** `user@host`. */
export function who({ user }: Loaded): string {
  return `${user ?? "somebody"}@${Deno.hostname()}`;
}
