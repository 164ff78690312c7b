import { TransientError } from "../../src/base/errors.ts";
import { MemorySink } from "../support/memory_sink.ts";
import { checkSink } from "./sink.ts";

Deno.test("the memory sink does what every sink does", async (t) => {
  await checkSink(t, () => {
    const sink = new MemorySink();
    return Promise.resolve({
      sink,
      keepsOrder: true,
      arrived: () => Promise.resolve(sink.records),
      trouble: {
        begin: () => Promise.resolve(void sink.writeFailures.push(new TransientError("the memory is away"))),
        end: () => Promise.resolve(),
      },
      remove: () => Promise.resolve(),
    });
  });
});
