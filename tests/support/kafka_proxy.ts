/**
 * A way to a broker that loses answers: the broker gets what is sent to it, and acts on it, but its answers are
 * swallowed, and then the connection is cut. Until that is ordered it lets everything through.
 *
 * @module
 */

/** A running proxy. */
export interface KafkaProxy extends AsyncDisposable {
  /** Swallows the next answer, of whatever connection, and cuts it; resolves when it has. */
  swallowNext(): Promise<void>;
  /** From now on answers are swallowed, of all connections, which stay open; resolves with the first. */
  swallow(): Promise<void>;
  /** Cuts all connections. Those that come then are let through again. */
  cut(): void;
}

/** Listens on a port of loopback and forwards to another. */
export function startKafkaProxy(port: number, brokerPort: number): KafkaProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const open = new Set<Deno.TcpConn>();
  let swallowing: { readonly swallowed: () => void; readonly isOne: boolean } | undefined;

  const close = (connection: Deno.TcpConn) => {
    if (open.delete(connection)) connection.close();
  };

  function begin(isOne: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    swallowing = { swallowed: resolve, isOne };
    return promise;
  }

  async function forward(from: Deno.TcpConn, to: Deno.TcpConn, areAnswers: boolean): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
        if (areAnswers && swallowing) {
          const { swallowed, isOne } = swallowing;
          swallowed();
          if (!isOne) continue;
          swallowing = undefined;
          return;
        }
        for (let at = 0; at < size;) at += await to.write(buffer.subarray(at, size));
      }
    } catch {
      // The other direction has closed them.
    } finally {
      close(from);
      close(to);
    }
  }

  const serving = (async () => {
    for await (const client of listener) {
      open.add(client);
      const broker = await Deno.connect({ hostname: "127.0.0.1", port: brokerPort }).catch(() => undefined);
      if (!broker) {
        close(client);
        continue;
      }
      open.add(broker);
      forward(client, broker, false);
      forward(broker, client, true);
    }
  })();

  return {
    swallowNext: () => begin(true),
    swallow: () => begin(false),
    cut() {
      swallowing = undefined;
      for (const connection of open) close(connection);
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) close(connection);
      await serving;
    },
  };
}
