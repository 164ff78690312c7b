/** The mended request queue of kafkajs. */

import { assertEquals } from "@std/assert";
import { mendRequestQueue } from "../../../src/deliver/kafka_request_queue.ts";

/** A queue that only counts how often a timer would be set. */
function queueClass() {
  return class {
    pending: unknown[] = [];
    timers = 0;
    scheduleCheckPendingRequests(): void {
      this.timers += 1;
    }
  };
}

Deno.test("an empty queue sets no timer, one with requests does, and mending twice changes nothing", () => {
  const Queue = queueClass();
  const asMendable = Queue as unknown as Parameters<typeof mendRequestQueue>[0];
  for (let times = 0; times < 2; times++) {
    mendRequestQueue(asMendable);
    const queue = new Queue();
    queue.scheduleCheckPendingRequests();
    assertEquals(queue.timers, 0);
    queue.pending.push("a request");
    queue.scheduleCheckPendingRequests();
    assertEquals(queue.timers, 1);
  }
});
