/**
 * The local registry's `@std/log/base-handler`: what a handler of log records starts from, as in the original.
 *
 * @module
 */
import { getLevelByName, getLevelName, type LevelName, type LogLevel } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

/** Makes a line of a record. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** What a handler may be told. */
export interface BaseHandlerOptions {
  /** Makes a line of a record; `LEVEL message` unless given. */
  formatter?: FormatterFunction;
}

/** Takes records of its level and above, makes a line of each, and hands the line to `log`. */
export abstract class BaseHandler {
  #level: LogLevel;
  /** Makes a line of a record. */
  formatter: FormatterFunction;

  /** A handler for records of this level and above. */
  constructor(levelName: LevelName, options?: BaseHandlerOptions) {
    this.#level = getLevelByName(levelName);
    this.formatter = options?.formatter ?? (({ levelName, msg }) => `${levelName} ${msg}`);
  }

  /** The number of the lowest level that passes. */
  get level(): LogLevel {
    return this.#level;
  }
  set level(level: LogLevel) {
    this.#level = getLevelByName(getLevelName(level));
  }

  /** The name of the lowest level that passes. */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /** Takes a record: drops it if it is below the level, else formats it and writes it. */
  handle(logRecord: LogRecord): void {
    if (this.level > logRecord.level) return;
    this.log(this.format(logRecord));
  }

  /** The line of a record. */
  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  /** Writes a line. */
  abstract log(msg: string): void;

  /** Acquires what the handler needs; nothing here. */
  setup(): void {}

  /** Releases what the handler holds; nothing here. */
  destroy(): void {}

  /** Releases what the handler holds at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.destroy();
  }
}
