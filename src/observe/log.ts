/**
 * Events as log lines, over @std/log, whose only importer this is: text for people, or JSON with flat fields.
 * Events that repeat themselves are written at most once a minute, with a count of those left out.
 *
 * Text from outside is made safe to show in both forms. A log that cannot be written stops nothing.
 */

import { BaseHandler } from "@std/log/base-handler";
import { Logger } from "@std/log/logger";
import type { LogRecord } from "@std/log/logger";
import type { Clock } from "../base/clock.ts";
import { type EmittedEvent, type EventListener, type Level, limitKeyOf, lineOf } from "../base/events.ts";
import { shown } from "../model/outside_text.ts";

export interface LogOptions {
  level: Level;
  json: boolean;
  /** The time of day alone, for a person who watches; else the whole time in UTC. */
  shortTime: boolean;
  clock: Clock;
  /** Takes one line, with its line end. */
  write: (line: string) => void;
}

/** The longest line of text, in characters. */
const MOST_LINE = 2_000;

const REPEAT_MS = 60_000;

/** A listener that writes events to a log. */
export function openLog(options: LogOptions): EventListener {
  const logger = new Logger("traptor", options.level, { handlers: [new EventHandler(options)] });
  const repeats = new Map<string, { nextAt: number; leftOut: number }>();

  return (event) => {
    if (weightOf(event.level) < weightOf(options.level)) return;
    const key = limitKeyOf(event);
    let leftOut = 0;
    if (key !== undefined) {
      const now = options.clock.monotonic();
      const repeat = repeats.get(`${event.name} ${key}`);
      if (repeat && now < repeat.nextAt) {
        repeat.leftOut += 1;
        return;
      }
      leftOut = repeat?.leftOut ?? 0;
      repeats.set(`${event.name} ${key}`, { nextAt: now + REPEAT_MS, leftOut: 0 });
    }
    const line = leftOut > 0 ? `${lineOf(event)} (${leftOut} more like this were left out)` : lineOf(event);
    writeTo(logger, line, event);
  };
}

function writeTo(logger: Logger, line: string, event: EmittedEvent): void {
  switch (event.level) {
    case "DEBUG":
      return void logger.debug(line, event);
    case "INFO":
      return void logger.info(line, event);
    case "WARN":
      return void logger.warn(line, event);
    case "ERROR":
      return void logger.error(line, event);
  }
}

function weightOf(level: Level): number {
  return ["DEBUG", "INFO", "WARN", "ERROR"].indexOf(level);
}

class EventHandler extends BaseHandler {
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
    super(options.level);
    this.#options = options;
  }

  override format(record: LogRecord): string {
    const time = new Date(this.#options.clock.now()).toISOString();
    const event = record.args[0] as EmittedEvent;
    if (this.#options.json) return jsonLine(time, record.msg, event);
    const stamp = this.#options.shortTime ? time.slice(11, 19) : time;
    return `${stamp} ${event.level.padEnd(5)} ${shown(record.msg, MOST_LINE)}\n`;
  }

  override log(line: string): void {
    this.#options.write(line);
  }
}

function jsonLine(time: string, message: string, event: EmittedEvent): string {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(event.fields)) {
    fields[name] = typeof value === "string" ? shown(value, MOST_LINE) : value;
  }
  const line = { time, level: event.level, event: event.name, message: shown(message, MOST_LINE), ...fields };
  return `${JSON.stringify(line)}\n`;
}
