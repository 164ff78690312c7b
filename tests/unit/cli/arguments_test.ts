import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/base/errors.ts";
import { type Flag, positiveNumber, readArguments, wholeNumber } from "../../../src/cli/arguments.ts";

const FLAGS: readonly Flag[] = [
  { name: "test", help: "" },
  { name: "limit", placeholder: "N", help: "" },
  { name: "log-json", placeholder: "true", help: "" },
];

Deno.test("values stay text, whatever they look like", () => {
  const { values, switches, positionals } = readArguments("collect", ["--test", "--limit", "007", "-", "x"], FLAGS);
  assertEquals(values, { limit: "007" });
  assertEquals([...switches], ["test"]);
  assertEquals(positionals, ["-", "x"]);
  assertEquals(readArguments("collect", ["--limit=1790000000000000001"], FLAGS).values, {
    limit: "1790000000000000001",
  });
});

Deno.test("a flag that says true or false means true when it stands alone", () => {
  assertEquals(readArguments("collect", ["--log-json", "--test"], FLAGS).values, { "log-json": "true" });
  assertEquals(readArguments("collect", ["--log-json=false"], FLAGS).values, { "log-json": "false" });
});

Deno.test("what is not known is refused with the nearest name", () => {
  const error = assertThrows(() => readArguments("collect", ["--limt", "5"], FLAGS), UsageError, "--limt");
  assertEquals(error.hint, "--limit, or `traptor collect --help`");
  assertThrows(() => readArguments("collect", ["--limit"], FLAGS), UsageError, "--limit without a value");
  assertThrows(() => readArguments("collect", ["-x"], FLAGS), UsageError);
});

Deno.test("numbers are read within their bounds", () => {
  assertEquals(wholeNumber("limit", "25", 1, 100), 25);
  assertEquals(positiveNumber("rate", "0.5", 100), 0.5);
  for (const text of ["0", "101", "1.5", "-1", "1e2", "", "٣"]) {
    assertThrows(() => wholeNumber("limit", text, 1, 100), UsageError, "--limit");
  }
  for (const text of ["0", "101", "-1", "x"]) {
    assertThrows(() => positiveNumber("rate", text, 100), UsageError, "--rate");
  }
});
