import { assertEquals, assertRejects } from "@std/assert";
import { BoundedQueue } from "../../../src/base/bounded_queue.ts";

const NEVER = new AbortController().signal;

Deno.test("what is brought is taken in order, also what is brought meanwhile, and after the end", async () => {
  const queue = new BoundedQueue<number>(10);
  queue.add(1, 1);
  queue.add(2, 1);
  assertEquals(await queue.next(), 1);
  queue.add(3, 1);
  queue.add(4, 1);
  assertEquals([await queue.next(), await queue.next()], [2, 3]);
  queue.add(5, 1);
  queue.end();
  assertEquals([await queue.next(), await queue.next(), await queue.next()], [4, 5, undefined]);
});

Deno.test("room comes when half is free, not with the first that is taken", async () => {
  const queue = new BoundedQueue<string>(10);
  queue.add("one", 3);
  await queue.room(NEVER);
  queue.add("two", 3);
  queue.add("three", 4);
  assertEquals(queue.isFull, true);
  let hasRoom = false;
  const room = queue.room(NEVER).then(() => hasRoom = true);
  assertEquals(await queue.next(), "one");
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assertEquals([queue.isFull, hasRoom], [false, false]);
  assertEquals(await queue.next(), "two");
  await room;
});

Deno.test("whoever waits for something gets it, and who waits for room stops at the signal", async () => {
  const queue = new BoundedQueue<string>(1);
  const next = queue.next();
  queue.add("late", 1);
  assertEquals(await next, "late");
  queue.add("more", 1);
  const stop = new AbortController();
  const room = queue.room(stop.signal);
  stop.abort(new Error("enough"));
  await assertRejects(() => room, Error, "enough");
});
