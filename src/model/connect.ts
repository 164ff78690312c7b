/** What those who count connects to X tell each other of them. */

/** A connect that began. */
export interface Connect {
  /** What it is known by: the moment it began, on the clock of whoever made it, in milliseconds since 1970. */
  readonly name: string;
  /** When it began, on our monotonic clock. */
  readonly beganAt: number;
}

/** A connect that is about to begin, if fewer than `most` began within `windowMs`. */
export interface ConnectRequest {
  readonly name: string;
  readonly most: number;
  readonly windowMs: number;
  /** Those that are known here. */
  readonly known: readonly Connect[];
}

/** What became of it. */
export interface ConnectAnswer {
  /** Whether it may begin; it is counted then. */
  readonly isTaken: boolean;
  /** All that began within the window, this one and those that were known among them. */
  readonly connects: readonly Connect[];
}
