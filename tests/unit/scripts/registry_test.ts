/**
 * What we rely on of the JSR packages, whichever registry they came from: the real ones and the local registry's faces
 * have to pass this alike.
 *
 * @module
 */
import { assertEquals, AssertionError, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { BaseHandler } from "@std/log/base-handler";
import { getLevelByName, getLevelName, LogLevels } from "@std/log/levels";
import { Logger, type LogRecord } from "@std/log/logger";

class Lines extends BaseHandler {
  readonly lines: string[] = [];

  override log(line: string): void {
    this.lines.push(line);
  }
}

class Records extends BaseHandler {
  readonly records: LogRecord[] = [];

  override handle(record: LogRecord): void {
    this.records.push(record);
  }

  override log(): void {}
}

Deno.test("a logger passes on what is of its level and above, and so does each handler", () => {
  const [all, severe] = [new Lines("NOTSET"), new Lines("ERROR")];
  const logger = new Logger("program", "INFO", { handlers: [all, severe] });
  logger.debug("too low");
  logger.info("started");
  logger.warn("slow");
  logger.error("broken");
  logger.critical("gone");
  assertEquals(all.lines, ["INFO started", "WARN slow", "ERROR broken", "CRITICAL gone"]);
  assertEquals(severe.lines, ["ERROR broken", "CRITICAL gone"]);
});

Deno.test("a record carries the message, the arguments, the level, the logger and its time", () => {
  const handler = new Records("NOTSET");
  const before = Date.now();
  new Logger("program", "DEBUG", { handlers: [handler] }).warn("slow", { ms: 3 }, 4);
  const [record] = handler.records;
  assertEquals(record?.msg, "slow");
  assertEquals(record?.args, [{ ms: 3 }, 4]);
  assertEquals([record?.level, record?.levelName, record?.loggerName], [LogLevels.WARN, "WARN", "program"]);
  assertEquals(record !== undefined && record.datetime.getTime() >= before, true);
});

Deno.test("messages of every kind become text, functions are called only if they are logged", () => {
  const handler = new Lines("NOTSET", { formatter: ({ msg }) => msg });
  const logger = new Logger("program", "INFO", { handlers: [handler] });
  assertEquals(logger.info({ a: 1, b: "two", c: [true, null] }), { a: 1, b: "two", c: [true, null] });
  assertEquals(logger.info(() => 5n), 5n);
  assertEquals(logger.debug((): string => assertThrows(() => {}) as string), undefined);
  logger.info(undefined);
  assertEquals(handler.lines, ['{"a":1,"b":"two","c":{"0":true,"1":null}}', "5", "undefined"]);
});

Deno.test("levels have names and numbers, and a logger's level can be changed", () => {
  assertEquals(getLevelByName("CRITICAL"), 50);
  assertEquals(getLevelName(10), "DEBUG");
  const handler = new Lines("NOTSET");
  const logger = new Logger("program", "ERROR", { handlers: [handler] });
  logger.info("no");
  logger.levelName = "DEBUG";
  logger.info("yes");
  assertEquals([handler.lines, logger.level], [["INFO yes"], 10]);
});

Deno.test("arguments that are declared as strings stay as they are, and unknown ones are shown to the caller", () => {
  const unknown: string[] = [];
  const parsed = parseArgs(["--id", "1790000000000000001", "--slot=007", "-x", "--json", "17", "--", "--y"], {
    string: ["id", "slot", "_"],
    boolean: ["json"],
    "--": true,
    unknown: (argument) => {
      if (argument.startsWith("-")) unknown.push(argument);
      return !argument.startsWith("-");
    },
  });
  assertEquals([parsed["id"], parsed["slot"], parsed["json"]], ["1790000000000000001", "007", true]);
  assertEquals([parsed._, parsed["--"], unknown], [["17"], ["--y"], ["-x"]]);
});

Deno.test("an assertion that does not hold throws an AssertionError with its message", () => {
  const error = assertThrows(() => assertEquals(1, 2, "one is two"), AssertionError, "one is two");
  assertEquals(error.name, "AssertionError");
});
