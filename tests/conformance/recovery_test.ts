/** An interval of the past, read from the simulator's stream by the real client. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Events } from "../../src/base/events.ts";
import { ConnectBudget } from "../../src/stream/connect_budget.ts";
import { recover } from "../../src/stream/recovery.ts";
import { Token } from "../../src/stream/token.ts";
import type { Transport } from "../../src/stream/transport.ts";
import { openTransport } from "../../src/stream/transport.ts";
import { XFailure } from "../../src/stream/x_failure.ts";
import type { Interval } from "../support/past_of_x.ts";
import { FIELDS, RepairBench } from "../support/repair_bench.ts";

/** Reads an interval, and answers what was handed on; `broken` changes what X sends. */
async function read(
  bench: RepairBench,
  { from, to }: Interval,
  own: { budget?: ConnectBudget; broken?: (body: string) => BodyInit; signal?: AbortSignal } = {},
): Promise<{ ids: string[]; provenances: Set<string> }> {
  const { clock } = bench.file;
  const real = openTransport({ apiUrl: bench.simulator.url, userAgent: "test", clock });
  const { broken } = own;
  const transport: Transport = {
    get aheadMs() {
      return real.aheadMs;
    },
    async fetch(path, request) {
      const answer = await real.fetch(path, request);
      return broken && answer.ok ? new Response(broken(await answer.text()), answer) : answer;
    },
    close() {},
  };
  const ids: string[] = [];
  const provenances = new Set<string>();
  const options = {
    ...{ transport, clock, token: new Token(bench.simulator.token), fields: FIELDS, events: new Events() },
    ...{ budget: own.budget ?? new ConnectBudget(clock), connectTimeoutMs: 30_000, stallMs: 45_000 },
  };
  try {
    await recover(options, { from, to }, (tweets, provenance) => {
      ids.push(...tweets.map(({ id }) => id));
      if (tweets.length > 0) provenances.add(provenance);
    }, own.signal ?? new AbortController().signal);
  } finally {
    real.close();
  }
  return { ids, provenances };
}

async function start(options: Partial<Parameters<typeof RepairBench.start>[0]> = {}) {
  const bench = await RepairBench.start({ rules: ["deno", "coffee"], ...options });
  const from = bench.file.clock.now() + 20_000 + bench.aheadMs;
  await bench.gap({ lastsMs: 60_000 });
  return { bench, interval: { from, to: from + 60_000 } };
}

Deno.test("the interval comes whole, once, the oldest first, and all of it is of the past", async () => {
  for (const clockSkewMs of [0, 120_000]) {
    const started = await start({ simulator: { clockSkewMs } });
    await using bench = started.bench;
    const { ids, provenances } = await read(bench, started.interval);
    const expected = (await bench.past.ofStream(started.interval)).map(({ id }) => id);
    assert(expected.length > 40);
    assertEquals([ids, [...provenances]], [expected, ["backfill"]]);
  }
});

Deno.test("an interval without tweets is no failure", async () => {
  const { bench: started, interval: { from } } = await start();
  await using bench = started;
  assertEquals((await read(bench, { from: from - 3_600_000, to: from - 3_500_000 })).ids, []);
});

Deno.test("what breaks off is a failure, wherever it does, and what came before is handed on", async () => {
  const { bench: started, interval } = await start();
  await using bench = started;
  const whole = (await bench.past.ofStream(interval)).map(({ id }) => id);
  const half = (body: string) => body.slice(0, body.indexOf("\r\n", body.length / 2) + 2);
  const notice = '{"errors":[{"title":"operational-disconnect","disconnect_type":"OperationalDisconnect",' +
    '"detail":"for operational reasons","type":"https://api.x.com/2/problems/operational-disconnect"}]}\r\n';
  const broken: Record<string, (body: string) => BodyInit> = {
    "in the middle of a line": (body) => body.slice(0, half(body).length + 40),
    "announced a disconnect": (body) => half(body) + notice,
    "reset": (body) =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(half(body))),
        pull: (controller) => controller.error(new TypeError("connection reset")),
      }),
  };
  for (const [words, change] of Object.entries(broken)) {
    let kept: string[] = [];
    const error = await assertRejects(
      async () => kept = (await read(bench, interval, { broken: change })).ids,
      XFailure,
      words,
    );
    assertEquals([error.mayHeal, kept], [true, []]);
  }
  assertEquals((await read(bench, interval)).ids, whole);
});

Deno.test("where the product has no recovery X's refusal is a failure that nobody but a person can mend", async () => {
  const { bench: started, interval } = await start({ simulator: { caps: { recoveries: 0 } } });
  await using bench = started;
  const error = await assertRejects(() => read(bench, interval), XFailure);
  assertEquals(error.mayHeal, false);
});

Deno.test("it waits for X's limit of connects as every connect does, and ends with its signal", async () => {
  const { bench: started, interval } = await start();
  await using bench = started;
  const { clock } = bench.file;
  const budget = new ConnectBudget(clock);
  const abort = new AbortController();
  while (budget.left > 0) assertEquals(await budget.take(abort.signal), 0);
  const before = bench.simulator.connections().length;
  const reading = read(bench, interval, { budget, signal: abort.signal });
  const ended = assertRejects(() => reading, Error, "stop");
  await clock.advance(60_000);
  assertEquals(bench.simulator.connections().length, before);
  abort.abort(new Error("stop"));
  await ended;
});
