/**
 * The local registry's `@std/log/logger`: `Logger` and `LogRecord`, behaving as the originals do.
 *
 * @module
 */
import type { BaseHandler } from "./base_handler.ts";
import { getLevelByName, getLevelName, type LevelName, type LogLevel, LogLevels } from "./levels.ts";

// deno-lint-ignore no-explicit-any -- any function at all, as in the original
type AnyFunction = (...args: any[]) => any;
/** A message: a value, or a function that makes one and is only called if the message is logged. */
type Message<T> = (T extends AnyFunction ? never : T) | (() => T);

/** What a record is made of. */
export interface LogRecordOptions {
  msg: string;
  args: unknown[];
  level: LogLevel;
  loggerName: string;
}

/** One message on its way to the handlers. */
export class LogRecord {
  /** The message as text. */
  readonly msg: string;
  /** The number of its level. */
  readonly level: number;
  /** The name of its level. */
  readonly levelName: string;
  /** The name of the logger that made it. */
  readonly loggerName: string;
  #args: unknown[];
  #datetime: Date;

  /** A record of this moment. */
  constructor(options: LogRecordOptions) {
    this.msg = options.msg;
    this.level = options.level;
    this.levelName = getLevelName(options.level);
    this.loggerName = options.loggerName;
    this.#args = [...options.args];
    this.#datetime = new Date();
  }

  /** What was passed beside the message; a copy. */
  get args(): unknown[] {
    return [...this.#args];
  }

  /** When the record was made; a copy. */
  get datetime(): Date {
    return new Date(this.#datetime.getTime());
  }
}

/** What a logger may be told. */
export interface LoggerOptions {
  /** Who gets the records. */
  handlers?: BaseHandler[];
}

/** Makes records of messages and hands those of its level and above to its handlers. Returns what it was given. */
export class Logger {
  /** Who gets the records. */
  handlers: BaseHandler[];
  readonly #loggerName: string;
  #level: LogLevel;

  /** A logger for messages of this level and above. */
  constructor(loggerName: string, levelName: LevelName, options: LoggerOptions = {}) {
    this.#loggerName = loggerName;
    this.#level = getLevelByName(levelName);
    this.handlers = options.handlers ?? [];
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

  /** The name that its records carry. */
  get loggerName(): string {
    return this.#loggerName;
  }

  /** A message of level DEBUG. */
  debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
  debug<T>(msg: T extends AnyFunction ? never : T, ...args: unknown[]): T;
  debug<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.DEBUG, msg, args);
  }

  /** A message of level INFO. */
  info<T>(msg: () => T, ...args: unknown[]): T | undefined;
  info<T>(msg: T extends AnyFunction ? never : T, ...args: unknown[]): T;
  info<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.INFO, msg, args);
  }

  /** A message of level WARN. */
  warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
  warn<T>(msg: T extends AnyFunction ? never : T, ...args: unknown[]): T;
  warn<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.WARN, msg, args);
  }

  /** A message of level ERROR. */
  error<T>(msg: () => T, ...args: unknown[]): T | undefined;
  error<T>(msg: T extends AnyFunction ? never : T, ...args: unknown[]): T;
  error<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.ERROR, msg, args);
  }

  /** A message of level CRITICAL. */
  critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
  critical<T>(msg: T extends AnyFunction ? never : T, ...args: unknown[]): T;
  critical<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.CRITICAL, msg, args);
  }

  #log<T>(level: LogLevel, msg: Message<T>, args: unknown[]): T | undefined {
    const isFunction = msg instanceof Function;
    if (this.level > level) return isFunction ? undefined : msg as T;
    const value = isFunction ? msg() as T : msg as T;
    const record = new LogRecord({ msg: textOf(value), args, level, loggerName: this.loggerName });
    for (const handler of this.handlers) handler.handle(record);
    return value;
  }
}

function textOf(value: unknown, isProperty = false): string {
  if (typeof value === "string") return isProperty ? `"${value}"` : value;
  if (value instanceof Error) return value.stack ?? String(value);
  if (typeof value === "function") return "undefined";
  if (typeof value !== "object" || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `"${name}":${textOf(member, true)}`);
  return `{${members.join(",")}}`;
}
