/** What the endpoints work with: the parts of one simulator, assembled in `simulator.ts`. */

import type { RateLimits } from "./api/rate_limits.ts";
import type { Caps } from "./caps.ts";
import type { SimulatorClock } from "./clock.ts";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import type { RuleBook } from "./rule_book.ts";
import type { Connections } from "./stream/connections.ts";
import type { Mischief } from "./stream/mischief.ts";
import type { Traffic } from "./stream/traffic.ts";
import type { People } from "./world/people.ts";
import type { World } from "./world/world.ts";

export interface Context {
  /** X's clock, which may be wrong. */
  readonly clock: SimulatorClock;
  readonly random: Random;
  readonly caps: Caps;
  readonly token: string;
  /** Bytes that may wait for a slow reader. */
  readonly queueBytes: number;
  /** How long search does not find what was posted. */
  readonly searchLagMs: number;
  readonly ledger: Ledger;
  readonly rules: RuleBook;
  readonly people: People;
  readonly world: World;
  readonly limits: RateLimits;
  readonly connections: Connections;
  readonly mischief: Mischief;
  readonly traffic: Traffic;
}
