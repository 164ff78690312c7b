/**
 * A defect of kafkajs 2.2.4, mended where it is: after each answer its request queue sets a timer to look at a queue
 * that is empty, with a delay that is negative (`throttledUntil` begins at -1), which sets the next, and so on. An idle
 * connection so wakes the process a thousand times a second, and the runtime writes a `TimeoutNegativeWarning` to
 * stderr, where people look for our errors. An empty queue needs no timer: what is put into it sets one.
 */

/** What is touched of the vendor's class. */
export interface RequestQueueClass {
  readonly prototype: {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  };
}

const mended = new WeakSet<RequestQueueClass>();

/** Mends the vendor's class for this process; doing so again changes nothing. */
export function mendRequestQueue(queueClass: RequestQueueClass): void {
  if (mended.has(queueClass)) return;
  mended.add(queueClass);
  const schedule = queueClass.prototype.scheduleCheckPendingRequests;
  queueClass.prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this);
  };
}
