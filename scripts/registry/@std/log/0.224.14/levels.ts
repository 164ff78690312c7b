/**
 * The local registry's `@std/log/levels`: the levels, their names and numbers, as in the original.
 *
 * @module
 */

/** The number of each level; a record passes where its number is at least the one that is asked for. */
export const LogLevels = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;

/** The number of a level. */
export type LogLevel = typeof LogLevels[LevelName];

/** The name of a level. */
export type LevelName = keyof typeof LogLevels;

/** All names, from the least to the most severe. */
export const LogLevelNames: LevelName[] = Object.keys(LogLevels) as LevelName[];

/** The number of the level with this name; throws a `TypeError` if there is none. */
export function getLevelByName(name: LevelName): LogLevel {
  const level = LogLevels[name];
  if (level === undefined) throw new TypeError(`Cannot get log level: no level named ${name}`);
  return level;
}

/** The name of the level with this number; throws a `TypeError` if there is none. */
export function getLevelName(level: LogLevel): LevelName {
  const name = LogLevelNames.find((candidate) => LogLevels[candidate] === level);
  if (name === undefined) throw new TypeError(`Cannot get log level: no level name for level: ${level}`);
  return name;
}
