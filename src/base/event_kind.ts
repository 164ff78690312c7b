/** What every event has: a level, and a line for people. */

export type Level = "DEBUG" | "INFO" | "WARN" | "ERROR";

export interface EventKind<Fields> {
  readonly level: Level;
  /** The line for people. */
  readonly says: (fields: Fields) => string;
  /** Events with the same answer are logged at most once a minute, with a count of what was left out. */
  readonly onceAMinuteBy?: (fields: Fields) => string;
}

/** An event, its level, and its line. */
export function kind<Fields = Record<never, never>>(
  level: Level,
  says: (fields: Fields) => string,
  onceAMinuteBy?: (fields: Fields) => string,
): EventKind<Fields> {
  return onceAMinuteBy ? { level, says, onceAMinuteBy } : { level, says };
}

export const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
export const words = (name: string) => name.replaceAll("_", " ");
export const counted = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
