import { assertEquals } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { openLog } from "../../../src/observe/log.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function setUp(options: { json?: boolean; shortTime?: boolean; level?: "DEBUG" | "INFO" | "WARN" | "ERROR" } = {}) {
  const clock = new FakeClock();
  const events = new Events();
  const lines: string[] = [];
  const { json = false, shortTime = false, level = "INFO" } = options;
  events.listen(openLog({ level, json, shortTime, clock, write: (line) => lines.push(line) }));
  return { clock, events, lines };
}

Deno.test("a line for people: time, level, words", () => {
  const { events, lines } = setUp();
  events.emit("stream_connected");
  assertEquals(lines, ["2026-11-23T10:00:00.000Z INFO  Connected to X's filtered stream\n"]);
});

Deno.test("on a terminal the time of day is enough", () => {
  const { events, lines } = setUp({ shortTime: true });
  events.emit("stream_connected");
  assertEquals(lines, ["10:00:00 INFO  Connected to X's filtered stream\n"]);
});

Deno.test("as JSON the fields are flat", () => {
  const { events, lines } = setUp({ json: true });
  events.emit("stream_backing_off", { cause: "X answered 503", waitMs: 5_000 });
  assertEquals(JSON.parse(lines[0]!), {
    time: "2026-11-23T10:00:00.000Z",
    level: "WARN",
    event: "stream_backing_off",
    message: "No connection to X: X answered 503. Next try in 5 s",
    cause: "X answered 503",
    waitMs: 5_000,
  });
});

Deno.test("what is below the level is not written", () => {
  const { events, lines } = setUp({ level: "WARN" });
  events.emit("stream_connected");
  events.emit("keep_alive");
  events.emit("setting_note", { note: "a note" });
  assertEquals(lines.length, 1);
});

Deno.test("events that repeat themselves are written once a minute, with a count of the others", async () => {
  const { clock, events, lines } = setUp();
  const odd = (line: "not_json" | "too_long") => events.emit("odd_line", { line, start: "x", bytes: 1 });
  for (let times = 0; times < 5; times++) odd("not_json");
  odd("too_long");
  assertEquals(lines.length, 2, "each kind on its own");
  await clock.advance(60_000);
  odd("not_json");
  assertEquals(lines.length, 3);
  assertEquals(lines[2]!.includes("(4 more like this were left out)"), true, lines[2]);
});

Deno.test("text from outside moves no cursor, breaks no line and reorders nothing", () => {
  for (const json of [false, true]) {
    const { events, lines } = setUp({ json });
    events.emit("stream_notice", { title: "a\u001b[2J\nb", detail: "\u202eevil\u2028" });
    assertEquals(lines.length, 1);
    assertEquals(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/.test(lines[0]!), false, lines[0]);
  }
});
