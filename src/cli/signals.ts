/**
 * SIGINT and SIGTERM: the first asks for an orderly end, the second ends at once.
 */

export interface Signals {
  /** Aborted by the first signal, with its name as the reason. */
  readonly stop: AbortSignal;
  /** Resolves at the second signal. */
  readonly second: Promise<void>;
  /** Lets go of the signals. */
  release(): void;
}

/** Listens for the signals that end a program. Windows knows SIGINT alone. */
export function listenForSignals(): Signals {
  const names: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const first = new AbortController();
  let resolveSecond = () => {};
  const second = new Promise<void>((resolve) => resolveSecond = resolve);
  const handlers = names.map((name) => {
    const handler = () => first.signal.aborted ? resolveSecond() : first.abort(`${name} received`);
    Deno.addSignalListener(name, handler);
    return () => Deno.removeSignalListener(name, handler);
  });
  return { stop: first.signal, second, release: () => handlers.forEach((release) => release()) };
}
