/** Settings as people see them: `traptor config`, `--help`, the README. */

import { assert, assertEquals } from "@std/assert";
import { secretRows, settingFlags, settingRows, settingsTable } from "../../../src/config/describe.ts";
import { OPTIONS_IN_ORDER, SECRET_NAMES } from "../../../src/config/options.ts";
import { load } from "./place.ts";

Deno.test("every setting has a row with its value and where it comes from", async () => {
  const loaded = await load({
    flags: { type: "geo" },
    environment: { BEARER_TOKEN: "abc", KAFKA_ENABLED: "0", LOG_FILE: "/tmp/log" },
  });
  const rows = settingRows(loaded);
  assertEquals(rows.map((row) => row.name), OPTIONS_IN_ORDER.map((option) => option.name));
  const rowOf = (name: string) => rows.find((row) => row.name === name);
  assertEquals(rowOf("TRAPTOR_TYPE"), { name: "TRAPTOR_TYPE", value: "geo", source: "flag --type" });
  assertEquals(rowOf("BEARER_TOKEN"), { name: "BEARER_TOKEN", value: "***", source: "environment" });
  assertEquals(rowOf("CONSUMER_KEY"), { name: "CONSUMER_KEY", value: "not set", source: "" });
  assertEquals(rowOf("TRAPTOR_SINK"), {
    name: "TRAPTOR_SINK",
    value: "stdout",
    source: "environment, as KAFKA_ENABLED",
  });
  assertEquals(rowOf("REDIS_PORT"), { name: "REDIS_PORT", value: "6379", source: "default" });
});

Deno.test("help has every flag once, with its default where that is short", () => {
  const flags = settingFlags();
  assertEquals(flags.length, OPTIONS_IN_ORDER.length - SECRET_NAMES.length);
  const helpOf = (name: string) => flags.find((flag) => flag.name === name)?.help;
  assertEquals(helpOf("redis-port"), "Redis's port [6379]");
  assertEquals(helpOf("log-file"), "where the log goes [stderr]");
  assertEquals(helpOf("redis-url"), "where Redis is, rediss:// for TLS; instead of the four below");
  for (const { name, placeholder, help } of flags) {
    assert(
      placeholder !== "" && help.length < 160 && !/^[A-Z][a-z]|\.$/.test(help.replace(/^(Redis|MySQL)/, "")),
      name,
    );
  }
  assertEquals(secretRows().map(([name]) => name), [...SECRET_NAMES]);
});

Deno.test("the README's table has a row for every setting, in columns of even width", () => {
  const lines = settingsTable().split("\n");
  assertEquals(lines.length, OPTIONS_IN_ORDER.length + 2);
  assertEquals(new Set(lines.map((line) => line.length)).size, 1);
  assertEquals(
    lines.slice(2).map((line) => /^\| `([A-Z_]+)`/.exec(line)?.[1]),
    OPTIONS_IN_ORDER.map(({ name }) => name),
  );
  for (const line of lines) assertEquals(line.split(/(?<!\\)\|/).length, 6, line);
});
