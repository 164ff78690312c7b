/** What an instance that holds the app's connection is told, and what it tells. */

/** What this instance tells of its stream. Times in milliseconds since 1970, on our clock. */
export interface Pulse {
  /** The last moment of which nothing is missing; undefined where nothing was heard yet. */
  readonly at: number | undefined;
  /** Since when, in this tenure, what is missing is in the register; undefined where nothing was heard yet. */
  readonly from?: number | undefined;
  readonly up: boolean;
  readonly tweetId: string;
  readonly connection: string;
  /** When X granted the connection, by X's clock; 0 for never. */
  readonly grantedAt: number;
}

/** Who held the connection before a tenure, as far as anybody told. */
export interface Predecessor {
  /** Whether that was this very instance, in this process or one before it. */
  readonly isSelf: boolean;
  readonly instance: string;
  readonly host: string;
  /** The last moment of which nothing is missing, on our clock. */
  readonly at: number;
  readonly tweetId: string;
  /** What is known of its connection at X. */
  readonly connection: string;
  readonly grantedAt: number;
  /** Whether it stepped down in order. */
  readonly released: boolean;
  /** Whether another connection of the app is held as well. */
  readonly isBeside?: boolean;
}

/** For as long as this instance holds the app's connection. */
export interface Tenure {
  /** Aborted when it is over, with the reason in words. */
  readonly signal: AbortSignal;
  readonly predecessor: Predecessor | undefined;
  /**
   * Whether it is the first of the app's connections: that alone changes what X holds. A second one becomes the first
   * when that is free, in the same tenure; never the reverse.
   */
  readonly isFirst: boolean;
  /** Resolves when it is the first, with what is known of who was that before; rejects with the signal's reason. */
  becomeFirst(signal: AbortSignal): Promise<Predecessor | undefined>;
  /** Whether nobody else can hold the connection yet: it is over, but was not lost. */
  readonly isSafe: boolean;
  /** Keeps it until the signal is aborted, or it is over, and resolves then. */
  keep(signal: AbortSignal): Promise<void>;
  /** Lets another instance have it: nothing more is asked of X. */
  end(): Promise<void>;
}
