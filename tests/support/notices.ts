/**
 * What a Redis tells the subscribers of a channel.
 *
 * @module
 */
import { redisCommands } from "./redis_commands.ts";
import { waitUntil } from "./wait_until.ts";

/** No notice of the program's looks like it. */
const END = "end of what was told";

export interface Notices extends AsyncDisposable {
  /** What was told so far, in order: nothing that was told before is still on its way. */
  told(): Promise<string[]>;
}

/** Listens on a channel. Use it with `await using`. */
export async function listenForNotices(port: number, channel = "traptor-notify"): Promise<Notices> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(`SUBSCRIBE ${channel}\r\n`));
  let text = "";
  const reading = (async () => {
    for await (const piece of connection.readable.pipeThrough(new TextDecoderStream())) text += piece;
  })().catch(() => {});
  await waitUntil(() => text.includes("subscribe"), { what: `listening on ${channel}` });
  const message = /\*3\r\n\$7\r\nmessage\r\n\$\d+\r\n[^\r]*\r\n\$\d+\r\n([^\r]*)\r\n/g;
  const words = () => [...text.matchAll(message)].map(([, word]) => word!);
  return {
    async told() {
      const isEnd = (word: string) => word === END;
      const ends = words().filter(isEnd).length;
      await redisCommands(port, ["PUBLISH", channel, END]);
      await waitUntil(() => words().filter(isEnd).length > ends, { what: `the end on ${channel}` });
      return words().filter((word) => !isEnd(word));
    },
    async [Symbol.asyncDispose]() {
      try {
        connection.close();
      } catch {
        // Redis was faster.
      }
      await reading;
    },
  };
}
