import { FileSink } from "../../src/deliver/file_sink.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { linesBelow } from "../support/line_files.ts";
import { checkSink } from "./sink.ts";

Deno.test("the file sink does what every sink does", async (t) => {
  await checkSink(t, async () => {
    const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
    const directory = `${folder}/tweets`;
    const clock = new FakeClock();
    return {
      sink: new FileSink(directory, clock),
      keepsOrder: true,
      arrived: async () => (await linesBelow(directory)).map((line) => ({ value: new TextEncoder().encode(line) })),
      trouble: {
        // The next hour needs a new file in a directory that is away.
        async begin() {
          await Deno.rename(directory, `${folder}/away`);
          await clock.advance(3_600_000);
        },
        async end() {
          await Deno.rename(`${folder}/away`, directory);
        },
      },
      remove: () => Deno.remove(folder, { recursive: true }),
    };
  });
});
