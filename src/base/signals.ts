/** Waiting that ends at once when a signal is aborted, whatever it was that is waited for. */

/**
 * The promise's outcome, or a rejection with the signal's reason as soon as it is aborted. What the promise stands for
 * goes on by itself: whoever started it stops it.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
