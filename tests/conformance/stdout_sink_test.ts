import { StdoutSink } from "../../src/deliver/stdout_sink.ts";
import { diskFull, SlowWriter } from "../support/slow_writer.ts";
import { checkSink } from "./sink.ts";

for (const most of [1_000, Infinity]) {
  Deno.test(`the stdout sink does what every sink does, on an output that takes ${most} bytes at a time`, async (t) => {
    await checkSink(t, () => {
      const writer = new SlowWriter(most);
      return Promise.resolve({
        sink: new StdoutSink(writer),
        keepsOrder: true,
        arrived: () => Promise.resolve(linesOf(writer.text)),
        trouble: {
          begin: () => Promise.resolve(void (writer.failure = { error: diskFull(), afterBytes: 70 })),
          end: () => Promise.resolve(void (writer.failure = undefined)),
        },
        remove: () => Promise.resolve(),
      });
    });
  });
}

function linesOf(text: string): { value: Uint8Array }[] {
  return text.split("\n").slice(0, -1).map((line) => ({ value: new TextEncoder().encode(line) }));
}
