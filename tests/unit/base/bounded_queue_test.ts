import { assertEquals, assertRejects } from "@std/assert";
import { BoundedQueue } from "../../../src/base/bounded_queue.ts";

Deno.test("what is brought is taken in order, also after the end, and room comes as it is taken", async () => {
  const queue = new BoundedQueue<string>(10);
  const never = new AbortController().signal;
  queue.add("one", 4);
  await queue.room(never);
  queue.add("two", 7);
  assertEquals(queue.isFull, true);
  let hasRoom = false;
  const room = queue.room(never).then(() => hasRoom = true);
  await Promise.resolve();
  assertEquals(hasRoom, false);
  assertEquals(await queue.next(), "one");
  await room;
  queue.end();
  assertEquals([await queue.next(), await queue.next()], ["two", undefined]);
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
