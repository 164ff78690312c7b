/**
 * What every sink has to do, whatever it writes to. Each sink, real or of the tests, runs this one suite with a stand
 * of its own: the sink, and a look at what has arrived on the other side.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { TransientError } from "../../src/base/errors.ts";
import type { Sink } from "../../src/deliver/sink.ts";
import type { TweetRecord } from "../../src/model/record.ts";
import { recordOf, recordsOf } from "../support/records.ts";

/** A record as it arrived; what the other side does not carry is absent. */
export interface Arrived {
  readonly value: Uint8Array;
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A sink with its surroundings. */
export interface SinkStand {
  readonly sink: Sink;
  /** Everything that has arrived, in order where the other side keeps one. */
  arrived(): Promise<readonly Arrived[]>;
  readonly keepsOrder: boolean;
  /** Makes writing fail for a while, and ends that. */
  readonly trouble?: { begin(): Promise<void>; end(): Promise<void> };
  remove(): Promise<void>;
}

const NEVER = new AbortController().signal;

/**
 * Runs the suite. `make` brings a stand of its own, not open yet, for each part; `withoutTrouble` says why its stands
 * can make none.
 */
export async function checkSink(
  t: Deno.TestContext,
  make: () => Promise<SinkStand>,
  { withoutTrouble }: { withoutTrouble?: string } = {},
): Promise<void> {
  const part = (name: string, check: (stand: SinkStand) => Promise<void>, ignoredBecause?: string) =>
    t.step({
      name: ignoredBecause === undefined ? name : `${name} (ignored: ${ignoredBecause})`,
      ignore: ignoredBecause !== undefined,
      async fn() {
        const stand = await make();
        try {
          await check(stand);
        } finally {
          await stand.sink.close();
          await stand.remove();
        }
      },
    });

  await part("says what it is and how much it takes, without a secret", ({ sink }) => {
    assert(/^[a-z]+$/.test(sink.name) && sink.target.length > 0);
    assert(sink.limits.records >= 1 && sink.limits.bytes >= 1);
    return Promise.resolve();
  });

  await part("may be closed before it is opened, and twice", async ({ sink }) => {
    await sink.close();
    await sink.open(NEVER);
    await sink.close();
    await sink.close();
  });

  await part("every record arrives byte for byte", async (stand) => {
    const batches = [recordsOf(1, 1), recordsOf(2, 40), recordsOf(41, 43)];
    await stand.sink.open(NEVER);
    for (const batch of batches) await stand.sink.write(batch, NEVER);
    await stand.sink.close();
    await assertArrived(stand, batches.flat());
  });

  await part("all scripts, line separators and zero bytes in escapes stay as they are", async (stand) => {
    const texts = ["地震 🌋 الزلزال", "a\u2028b\u2029c", "👩‍👩‍👧‍👦 e\u0301", "\u0000\u001b[31m", "\r\n\t\"\\ '; --", ""];
    await stand.sink.open(NEVER);
    const batch = texts.map((text, index) => recordOf(index + 1, text));
    await stand.sink.write(batch, NEVER);
    await assertArrived(stand, batch);
  });

  await part("a record of half a megabyte, between small ones", async (stand) => {
    const batch = [recordOf(1), recordOf(2, "é".repeat(250_000)), recordOf(3)];
    await stand.sink.open(NEVER);
    await stand.sink.write(batch, NEVER);
    await assertArrived(stand, batch);
  });

  await part("a batch as large as it says that it takes", async (stand) => {
    const batch = recordsOf(1, stand.sink.limits.records);
    await stand.sink.open(NEVER);
    await stand.sink.write(batch, NEVER);
    await assertArrived(stand, batch);
  });

  await part("ids beyond 2^53, and a record without headers", async (stand) => {
    const batch = [recordOf("1790000000000000001"), { ...recordOf("1790000000000000002"), headers: {} }];
    await stand.sink.open(NEVER);
    await stand.sink.write(batch, NEVER);
    await assertArrived(stand, batch);
  });

  await part("what is given is left as it was", async ({ sink }) => {
    const batch = recordsOf(1, 3);
    await sink.open(NEVER);
    await sink.write(batch, NEVER);
    assertEquals(batch, recordsOf(1, 3));
  });

  const trouble = async (stand: SinkStand) => {
    const { sink, trouble } = stand;
    if (!trouble) throw new Error("the stand can make no trouble, and does not say so");
    const [first, second, third] = [recordsOf(1, 5), recordsOf(6, 9), recordsOf(10, 12)];
    await sink.open(NEVER);
    await sink.write(first, NEVER);
    await trouble.begin();
    const failure = await assertRejects(() => sink.write(second, NEVER), TransientError);
    assert(failure.message.length > 0 && !failure.message.endsWith("."), failure.message);
    await trouble.end();
    await sink.write(second, NEVER);
    await sink.write(third, NEVER);
    await sink.close();
    const values = new Set((await stand.arrived()).map(({ value }) => text(value)));
    // Twice is allowed after a failure; torn, left out or made up is not.
    assertEquals([...values].sort(), [...first, ...second, ...third].map(({ value }) => text(value)).sort());
  };
  await part("trouble is told as such, and the same batch can be written again after it", trouble, withoutTrouble);
}

async function assertArrived(stand: SinkStand, records: readonly TweetRecord[]): Promise<void> {
  const inOrder = <Item extends { readonly value: Uint8Array }>(items: readonly Item[]): Item[] =>
    stand.keepsOrder ? [...items] : [...items].sort((a, b) => text(a.value) < text(b.value) ? -1 : 1);
  const arrived = inOrder(await stand.arrived());
  const wanted = inOrder(records);
  assertEquals(arrived.length, wanted.length);
  arrived.forEach(({ value, id, headers }, index) => {
    const record = wanted[index]!;
    // Compared as bytes, told as text: the difference of two large arrays is no reading.
    if (!equalBytes(value, record.value)) assertEquals(text(value), text(record.value));
    if (id !== undefined) assertEquals(id, record.id);
    if (headers !== undefined) assertEquals(headers, record.headers);
  });
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
