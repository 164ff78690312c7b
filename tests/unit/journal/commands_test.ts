import { assertEquals } from "@std/assert";
import { Commands } from "../../../src/collector/commands.ts";
import { Requests } from "../../../src/collector/requests.ts";
import { Events } from "../../../src/base/events.ts";
import { Sqlite } from "../../../src/base/sqlite.ts";
import { answerTo, ask, unanswered, withdraw } from "../../../src/journal/commands.ts";
import { DAY_MS } from "../../../src/journal/tally.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { JournalFile } from "../../support/journal_file.ts";

/** Whoever asks has a connection of its own, as another process would. */
async function withCommands(
  test: (
    file: JournalFile,
    ask: (name: string, args: JsonObject) => Promise<JsonObject | undefined>,
    other: Sqlite,
  ) => Promise<void>,
): Promise<void> {
  using file = new JournalFile(["kafka"]);
  file.accept(1, 4);
  file.deliver("kafka", [2, 4]);
  const { clock, journal } = file;
  const stop = new AbortController();
  const running = new Commands({
    ...{ journal, clock, events: new Events() },
    requests: new Requests({
      ...{ journal, clock, repair: undefined, stepDown: undefined, mostPerGap: 0, mostPerDay: 0 },
    }),
  }).run(stop.signal);
  const other = new Sqlite(file.path);
  try {
    await test(file, async (name, args) => {
      const number = ask(other, name, args, clock.now());
      await clock.advance(1_001);
      return answerTo(other, number);
    }, other);
  } finally {
    other.close();
    stop.abort("the test is over");
    await running.catch((reason) => assertEquals(reason, "the test is over"));
  }
}

const NOTHING = { unknown: [], damaged: [], absent: [], fault: null };

Deno.test("a running collector retries dead letters when it is asked to, and answers", async () => {
  await withCommands(async (file, command) => {
    assertEquals(await command("dead_retry", { numbers: [2, 5] }), { ok: true, ...NOTHING, retried: 1, unknown: [5] });
    assertEquals(file.deliver("kafka"), ["4"]);
    assertEquals(await command("dead_retry", { all: true }), { ok: true, ...NOTHING, retried: 1 });
    assertEquals(file.deliver("kafka"), ["2"]);
  });
});

Deno.test("only those of the sink that is named are retried", async () => {
  await withCommands(async (_file, command) => {
    assertEquals(await command("dead_retry", { all: true, sink: "file" }), { ok: true, ...NOTHING, retried: 0 });
    assertEquals(await command("dead_retry", { all: true, sink: "kafka" }), { ok: true, ...NOTHING, retried: 2 });
  });
});

Deno.test("a command that is not known, or makes no sense, is answered so, and the next one is carried out", async () => {
  await withCommands(async (_file, command, other) => {
    assertEquals(await command("fly", {}), { ok: false, reason: "this collector knows no such command" });
    const reason = 'dead_retry takes {"numbers": [1, 2]} or {"all": true}';
    for (const args of [{}, { numbers: ["1"] }, { numbers: 1 }, { all: 1 }, { all: true, sink: 3 }]) {
      assertEquals(await command("dead_retry", args as JsonObject), { ok: false, reason });
    }
    other.script("INSERT INTO commands (asked_at, name, arguments) VALUES (0, 'dead_retry', 'no json')");
    assertEquals((await command("dead_retry", { all: true }))?.["retried"], 2);
    assertEquals(other.all<{ answer: string }>("SELECT answer FROM commands WHERE arguments = 'no json'"), [
      { answer: '{"ok":false,"reason":"the arguments are no JSON"}' },
    ]);
    assertEquals(unanswered(other), []);
  });
});

Deno.test("commands are carried out once, and forgotten after two days", async () => {
  await withCommands(async (file, command, other) => {
    await command("dead_retry", { all: true });
    file.deliver("kafka", [2]);
    await file.clock.advance(5_000);
    assertEquals(file.deliver("kafka"), []);
    other.run("UPDATE commands SET answered_at = answered_at - ?", 2 * DAY_MS + 5_000);
    await command("fly", {});
    assertEquals(other.all<{ name: string }>("SELECT name FROM commands"), [{ name: "fly" }]);
  });
});

Deno.test("a command that is taken back is not carried out; one that was answered stays", () => {
  using file = new JournalFile();
  const [first, second] = file.journal.use((database) => {
    const numbers = [ask(database, "fly", {}, 0), ask(database, "fly", {}, 0)];
    withdraw(database, numbers[0]!);
    return numbers;
  });
  assertEquals(first! < second!, true);
  assertEquals(file.journal.use(unanswered).map(({ number }) => number), [second]);
});
