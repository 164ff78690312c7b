/**
 * Free ports on loopback. A port is free when it is handed out; it is taken when the server listens, so two servers
 * that are started at the same moment may in theory meet.
 *
 * @module
 */

/** A port on 127.0.0.1 that nobody listens on. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
