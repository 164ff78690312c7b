import { assertEquals } from "@std/assert";
import { SettingsError, TransientError } from "../../../src/base/errors.ts";
import { ReaderGone } from "../../../src/deliver/sink.ts";
import { settle } from "../../support/fake_clock.ts";
import { MemorySink } from "../../support/memory_sink.ts";
import { recordOf, recordsOf } from "../../support/records.ts";
import { namesOf, outboxBench } from "./outbox_bench.ts";

const sizesOf = (sink: MemorySink) => sink.batches.map((batch) => batch.length);

Deno.test("what waits at the start is delivered at once, in order", async () => {
  const sink = new MemorySink();
  const { backlog, delivered, run } = outboxBench([sink]);
  for (const record of recordsOf(1, 30)) backlog.accept(record);
  backlog.close();
  assertEquals(await run(), {});
  assertEquals(sink.ids, recordsOf(1, 30).map((record) => record.id));
  assertEquals(delivered, [{ sink: "memory", records: 30 }]);
  assertEquals(backlog.waiting, { records: 0, bytes: 0 });
  assertEquals(sink.calls, { open: 1, write: 1, close: 1 });
});

Deno.test("a lone record waits 20 ms for company, and takes along what came meanwhile", async () => {
  const sink = new MemorySink();
  const { backlog, clock, run } = outboxBench([sink]);
  const running = run();
  await settle();
  backlog.accept(recordOf(1));
  await clock.advance(19);
  backlog.accept(recordOf(2));
  await settle();
  assertEquals(sizesOf(sink), []);
  await clock.advance(1);
  assertEquals(sizesOf(sink), [2]);
  backlog.close();
  await running;
  assertEquals(clock.pending, 0);
});

Deno.test("a batch that is full by count is sent at once", async () => {
  const sink = new MemorySink({ limits: { records: 3, bytes: 1_000_000 } });
  const { backlog, run } = outboxBench([sink]);
  const running = run();
  await settle();
  backlog.accept(recordOf(1));
  await settle();
  for (const record of recordsOf(2, 4)) backlog.accept(record);
  await settle();
  assertEquals(sizesOf(sink), [3]);
  backlog.close();
  await running;
  assertEquals(sizesOf(sink), [3, 1]);
});

Deno.test("a batch that is full by bytes is sent at once, and never bursts", async () => {
  const size = recordOf(1).value.length;
  const sink = new MemorySink({ limits: { records: 100, bytes: 2 * size + 1 } });
  const { backlog, clock, run } = outboxBench([sink]);
  const running = run();
  await settle();
  for (const record of recordsOf(1, 3)) backlog.accept(record);
  await settle();
  assertEquals(sizesOf(sink), [2]);
  backlog.accept(recordOf(4, "x".repeat(1_000)));
  await clock.advance(20);
  assertEquals(sizesOf(sink), [2, 1, 1]);
  backlog.close();
  await running;
});

Deno.test("what came while the sink was busy for long is sent at once", async () => {
  const sink = new MemorySink();
  const busy = Promise.withResolvers<void>();
  const { backlog, clock, run } = outboxBench([sink]);
  sink.gate = busy.promise;
  backlog.accept(recordOf(1));
  const running = run();
  await clock.advance(30);
  backlog.accept(recordOf(2));
  await clock.advance(30);
  busy.resolve();
  await settle();
  assertEquals(sizesOf(sink), [1, 1]);
  backlog.close();
  await running;
});

Deno.test("closing the backlog sends what still waits for company", async () => {
  const sink = new MemorySink();
  const { backlog, run } = outboxBench([sink]);
  const running = run();
  await settle();
  backlog.accept(recordOf(1));
  await settle();
  backlog.close();
  assertEquals(await running, {});
  assertEquals(sink.ids, ["1"]);
});

Deno.test("a sink that fails gets the same batch again, later and later, until it takes it", async () => {
  const sink = new MemorySink();
  const away = () => new TransientError("it is away");
  sink.writeFailures.push(away(), away(), away());
  const { backlog, clock, outbox, told, run } = outboxBench([sink]);
  const batches: string[] = [];
  sink.beforeWrite = (batch) => void batches.push(batch.map(({ id }) => id).join());
  backlog.accept(recordOf(1));
  const running = run();
  await settle();
  backlog.accept(recordOf(2));
  assertEquals(backlog.positionOf("memory"), 0);
  assertEquals(outbox.health()[0]?.state, "failing");
  assertEquals(outbox.health()[0]?.reason, "it is away");
  await clock.advance(250 + 500);
  assertEquals(batches, ["1", "1", "1"]);
  await clock.advance(999);
  assertEquals(sink.ids, []);
  await clock.advance(1);
  assertEquals(batches, ["1", "1", "1", "1", "2"]);
  assertEquals(sink.ids, ["1", "2"]);
  assertEquals(namesOf(told), ["sink_opened", "sink_failed", "sink_failed", "sink_failed", "sink_recovered"]);
  const target = "memory of the test";
  assertEquals(told[1]?.fields, { sink: target, reason: "it is away", waitMs: 250, waiting: 1 });
  assertEquals(told[4]?.fields, { sink: target, waiting: 2 });
  const { state, reason, since, delivered, position } = outbox.health()[0]!;
  assertEquals({ state, reason, delivered, position }, { state: "ok", reason: undefined, delivered: 2, position: 2 });
  assertEquals(since, clock.now());
  backlog.close();
  await running;
});

Deno.test("a sink that is away at the start delays nothing but its own delivery", async () => {
  const [here, away] = [new MemorySink({ name: "here" }), new MemorySink({ name: "away" })];
  away.openFailures.push(new TransientError("nobody answers"), new TransientError("nobody answers"));
  const { backlog, clock, outbox, told, run } = outboxBench([here, away]);
  assertEquals(outbox.health().map(({ state }) => state), ["opening", "opening"]);
  for (const record of recordsOf(1, 3)) backlog.accept(record);
  const running = run();
  await settle();
  assertEquals(here.ids, ["1", "2", "3"]);
  assertEquals(outbox.health().map(({ state, position }) => [state, position]), [["ok", 3], ["failing", 0]]);
  assertEquals(backlog.waiting.records, 3);
  await clock.advance(750);
  assertEquals(away.ids, ["1", "2", "3"]);
  assertEquals(backlog.waiting.records, 0);
  // Which of the two sinks is told first is nobody's promise.
  assertEquals(namesOf(told).slice(0, 2).sort(), ["sink_failed", "sink_opened"]);
  assertEquals(namesOf(told).slice(2), ["sink_failed", "sink_recovered", "sink_opened"]);
  backlog.close();
  assertEquals(await running, {});
});

Deno.test("records that are refused for good are told and passed over, the others count as delivered", async () => {
  const sink = new MemorySink();
  sink.answers.push({ refused: new Map([[1, "it is too large"]]) });
  const { backlog, delivered, outbox, told, run } = outboxBench([sink]);
  for (const record of recordsOf(1, 3)) backlog.accept(record);
  backlog.close();
  assertEquals(await run(), {});
  assertEquals(told.slice(1).map(({ name, fields }) => ({ name, fields })), [
    { name: "record_refused", fields: { sink: "memory", id: "2", reason: "it is too large" } },
  ]);
  assertEquals(delivered, [{ sink: "memory", records: 2 }]);
  assertEquals(backlog.waiting.records, 0);
  assertEquals(outbox.health()[0]?.delivered, 2);
});

Deno.test("a batch of which everything is refused delivers nothing and holds up nothing", async () => {
  const sink = new MemorySink({ limits: { records: 1, bytes: 1_000 } });
  sink.answers.push({ refused: new Map([[0, "no"]]) });
  const { backlog, delivered, run } = outboxBench([sink]);
  for (const record of recordsOf(1, 2)) backlog.accept(record);
  backlog.close();
  await run();
  assertEquals(delivered, [{ sink: "memory", records: 1 }]);
  assertEquals(sink.ids, ["2"]);
});

for (const error of [new SettingsError("wrong", { hint: "mend it" }), new TypeError("a bug")]) {
  Deno.test(`a sink's ${error.name} ends all delivery and closes every sink`, async () => {
    const [broken, other] = [new MemorySink({ name: "broken" }), new MemorySink({ name: "other" })];
    broken.writeFailures.push(error);
    const { backlog, clock, told, run } = outboxBench([broken, other]);
    const running = run();
    await settle();
    backlog.accept(recordOf(1));
    await clock.advance(20);
    assertEquals(await running, { failure: error });
    assertEquals([broken.calls.close, other.calls.close], [1, 1]);
    assertEquals(backlog.positionOf("broken"), 0);
    assertEquals(namesOf(told), ["sink_opened", "sink_opened"]);
    assertEquals(clock.pending, 0);
  });
}

Deno.test("a sink whose reader has gone is left out, and the others go on", async () => {
  const [left, other] = [new MemorySink({ name: "left" }), new MemorySink({ name: "other" })];
  left.writeFailures.push(undefined, new ReaderGone("the reader has gone"));
  const { backlog, clock, gone, told, run } = outboxBench([left, other]);
  const running = run();
  for (const id of [1, 2, 3]) {
    backlog.accept(recordOf(id));
    await clock.advance(20);
  }
  assertEquals(gone.times, 1);
  assertEquals([left.ids, other.ids], [["1"], ["1", "2", "3"]]);
  assertEquals(namesOf(told), ["sink_opened", "sink_opened", "reader_gone"]);
  assertEquals(told[2]?.fields, { sink: "left of the test", records: 1 });
  assertEquals(backlog.waiting.records, 0);
  backlog.close();
  assertEquals(await running, {});
  assertEquals([left.calls.close, other.calls.close], [1, 1]);
});

Deno.test("an EndingError on opening ends delivery, too", async () => {
  const sink = new MemorySink();
  const error = new SettingsError("it is no directory", { hint: "name one" });
  sink.openFailures.push(error);
  assertEquals(await outboxBench([sink]).run(), { failure: error });
  assertEquals(sink.calls.close, 1);
});

for (const when of ["idle", "waiting for company", "backing off", "writing"] as const) {
  Deno.test(`a stop ends delivery at once while it is ${when}`, async () => {
    const sink = new MemorySink();
    const { backlog, clock, stop, run } = outboxBench([sink]);
    if (when === "backing off") sink.writeFailures.push(new TransientError("away"));
    if (when === "writing") sink.gate = new Promise(() => {});
    if (when === "backing off" || when === "writing") backlog.accept(recordOf(1));
    const running = run();
    await settle();
    if (when === "waiting for company") backlog.accept(recordOf(1));
    await settle();
    const reason = new Error("stop");
    stop.abort(reason);
    assertEquals(await running, { failure: reason });
    assertEquals(sink.calls.close, 1);
    assertEquals(sink.ids, []);
    assertEquals(clock.pending, 0);
  });
}

Deno.test("a sink that does not let go is left behind half a second after a stop", async () => {
  const sink = new MemorySink();
  sink.close = () => new Promise(() => {});
  const { clock, stop, run } = outboxBench([sink]);
  const running = run();
  await settle();
  stop.abort("stop");
  let over = false;
  running.then(() => over = true);
  await clock.advance(499);
  assertEquals(over, false);
  await clock.advance(1);
  assertEquals(over, true);
});

Deno.test("a sink that does not answer counts as failing after ten seconds, and is waited for", async () => {
  const sink = new MemorySink();
  const answer = Promise.withResolvers<void>();
  sink.gate = answer.promise;
  const { backlog, clock, outbox, told, run } = outboxBench([sink]);
  backlog.accept(recordOf(1));
  const running = run();
  await clock.advance(9_999);
  assertEquals(outbox.health()[0]?.state, "ok");
  await clock.advance(1);
  assertEquals(outbox.health()[0]?.state, "failing");
  assertEquals(outbox.health()[0]?.reason, "no answer for 10 s");
  answer.resolve();
  await settle();
  assertEquals(outbox.health()[0]?.state, "ok");
  assertEquals(sink.ids, ["1"]);
  assertEquals(namesOf(told), ["sink_opened"]);
  backlog.close();
  await running;
});
