import { json } from "../../../src/simulate/http/answer.ts";
import { Server } from "../../../src/simulate/http/server.ts";
import { waitUntil } from "../../support/wait_until.ts";

Deno.test("a stream whose client has broken off before its head could be written is run all the same, and is over", async () => {
  let isClientGone = () => {};
  const gone = new Promise<void>((resolve) => isClientGone = resolve);
  let wasHere = false;
  let hasEnded = false;
  const server = new Server({
    port: 0,
    gzip: true,
    async handler({ path }) {
      if (path === "/plain") return json(200, { text: "x".repeat(1_000) });
      wasHere = true;
      await gone;
      return {
        status: 200,
        headers: {},
        async run(socket) {
          await socket.gone();
          socket.close();
          hasEnded = true;
        },
      };
    },
  });
  const client = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await client.write(new TextEncoder().encode("GET /plain HTTP/1.1\r\n\r\nGET /stream HTTP/1.1\r\n\r\n"));
  await waitUntil(() => wasHere, { what: "the stream is asked for" });
  // The first answer was not read: the system tells the server of a break, not of an end.
  client.close();
  isClientGone();
  await waitUntil(() => hasEnded, { what: "the stream is over" });
  await server.close();
});
