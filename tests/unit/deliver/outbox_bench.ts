/** An outbox with all that belongs to it, on a clock that stands still. */

import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { Outbox } from "../../../src/deliver/outbox.ts";
import type { Sink } from "../../../src/deliver/sink.ts";
import { MemoryBacklog } from "../../../src/journal/memory_backlog.ts";
import { FakeClock } from "../../support/fake_clock.ts";

export interface OutboxBench {
  readonly backlog: MemoryBacklog;
  readonly clock: FakeClock;
  readonly outbox: Outbox;
  /** Aborts delivering. */
  readonly stop: AbortController;
  /** What was told, without `batch_delivered`. */
  readonly told: EmittedEvent[];
  readonly delivered: { sink: string; records: number }[];
  /** How often a reader has gone. */
  readonly gone: { times: number };
  /** Starts delivering; how it ended, when it has. */
  run(): Promise<{ readonly failure?: unknown }>;
}

/** Builds it. No chance: waits are exactly those of the policy. */
export function outboxBench(sinks: readonly Sink[], clock: FakeClock = new FakeClock()): OutboxBench {
  const events = new Events();
  const told: EmittedEvent[] = [];
  const delivered: { sink: string; records: number }[] = [];
  events.listen((event) => {
    if (event.name !== "batch_delivered") return void told.push(event);
    const { sink, records } = event.fields as { sink: string; records: number };
    delivered.push({ sink, records });
  });
  const backlog = new MemoryBacklog(
    { records: 100_000, bytes: 100_000_000 },
    sinks.map((sink) => sink.name),
    () => clock.now(),
  );
  const random = { fraction: () => 0, hex: () => "" };
  const outbox = new Outbox({ sinks, backlog, events, clock, random });
  const stop = new AbortController();
  const gone = { times: 0 };
  const run = () => outbox.run(stop.signal, () => gone.times++).then(() => ({}), (failure) => ({ failure }));
  return { backlog, clock, outbox, stop, told, delivered, gone, run };
}

/** The names of what was told. */
export function namesOf(told: readonly EmittedEvent[]): string[] {
  return told.map((event) => event.name);
}
