import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/base/errors.ts";
import { readBackSinks } from "../../../src/cli/verify/read_back.ts";
import type { SinkReading } from "../../../src/cli/verify/sink_reading.ts";
import type { Settings } from "../../../src/config/options.ts";
import { FileSink } from "../../../src/deliver/file_sink.ts";
import type { Sink } from "../../../src/deliver/sink.ts";
import { SqliteSink } from "../../../src/deliver/sqlite_sink.ts";
import { lookIntoJournal } from "../../../src/journal/journal_reader.ts";
import { JournalFile } from "../../support/journal_file.ts";
import { recordedServer } from "../../support/recorded_server.ts";
import { recordOf } from "../../support/records.ts";

type Place = Settings["sink"][number];

async function readBack(file: JournalFile, sinks: readonly string[], places: readonly Place[]) {
  return await readBackSinks(sinks, {
    look: (look) => lookIntoJournal(file.path, look),
    settings: { sink: places } as unknown as Settings,
    onSink: () => {},
    signal: AbortSignal.timeout(60_000),
  });
}

async function readOne(file: JournalFile, place: Place): Promise<SinkReading> {
  const { readings: [reading] } = await readBack(file, [place.kind], [place]);
  return reading!;
}

/** What a sink got is what the journal says, but for ids that were lost on the way and that nobody has noticed. */
async function deliverTo(sink: Sink, file: JournalFile, lost: (id: number) => boolean): Promise<void> {
  const ids = file.deliver(sink.name).filter((id) => !lost(Number(id)));
  await sink.open(AbortSignal.timeout(60_000));
  for (let at = 0; at < ids.length; at += 200) {
    await sink.write(ids.slice(at, at + 200).map((id) => recordOf(id)), AbortSignal.timeout(60_000));
  }
  await sink.close();
}

const oneInAThousand = (id: number) => id % 1_000 === 0;
const none = () => false;

const idsOf = ({ examples }: SinkReading) => examples.map(({ id }) => id).sort();

for (const kind of ["file", "sqlite"] as const) {
  const make = (file: JournalFile): [Sink, Place] => {
    const where = `${file.directory}/sink`;
    return kind === "file"
      ? [new FileSink(where, file.clock), { kind, directory: where }]
      : [new SqliteSink(where), { kind, path: where }];
  };

  Deno.test(`one record in a thousand that is not in the ${kind} sink is missed`, async () => {
    using file = new JournalFile([kind]);
    const [sink, place] = make(file);
    file.accept(1, 2_500);
    await deliverTo(sink, file, oneInAThousand);
    const reading = await readOne(file, place);
    assertEquals({ ...reading, examples: idsOf(reading), place: "", remarks: [] }, {
      ...{ sink: kind, place: "", expected: 2_500, missing: 2, lost: 0, removed: 0, repeated: 0, remarks: [] },
      ...{ examples: ["1000", "2000"], agrees: false },
    });
  });

  Deno.test(`what waits, is dead, was retried or is not for the ${kind} sink is not missed in it`, async () => {
    using file = new JournalFile(["kafka"]);
    file.accept(1, 10);
    file.open([kind, "kafka"]);
    const [sink, place] = make(file);
    file.accept(11, 30);
    await deliverTo(sink, file, none);
    file.open(["kafka"]);
    file.accept(31, 40);
    file.open([kind, "kafka"]);
    file.accept(41, 50);
    const ids = file.deliver(kind, [42, 43]);
    assertEquals(ids.length, 10);
    await sink.open(AbortSignal.timeout(60_000));
    await sink.write(
      ids.filter((id) => id !== "42" && id !== "43").map((id) => recordOf(id)),
      AbortSignal.timeout(60_000),
    );
    await sink.close();
    const letters = file.journal.use((database) =>
      database.all<{ number: number }>("SELECT number FROM dead WHERE id = '42'")
    );
    const facts = { at: file.clock.now(), rules: [1] };
    file.journal.takeBack([{ number: letters[0]!.number, sink: kind, record: recordOf(42), facts }]);
    file.accept(51, 60);
    const reading = await readOne(file, place);
    assertEquals([reading.expected, reading.missing, reading.agrees], [28, 0, true]);
  });
}

Deno.test("tweets that are in the files twice are counted, and allowed", async () => {
  using file = new JournalFile(["file"]);
  const directory = `${file.directory}/tweets`;
  file.accept(1, 20);
  const sink = new FileSink(directory, file.clock);
  await deliverTo(sink, file, none);
  await sink.open();
  await sink.write([recordOf(3), recordOf(4), recordOf(99)]);
  await sink.close();
  const { repeated, missing, agrees } = await readOne(file, { kind: "file", directory });
  assertEquals({ repeated, missing, agrees }, { repeated: 2, missing: 0, agrees: true });
});

Deno.test("what is missing and was counted as lost with a damaged row is told, and not held against the sink", async () => {
  using file = new JournalFile(["file"]);
  const directory = `${file.directory}/tweets`;
  file.accept(1, 600);
  file.tamper("UPDATE records SET value = x'00' WHERE position IN (7, 8)");
  file.open(["file"]);
  const lost = new Set([7, 8]);
  const sink = new FileSink(directory, file.clock);
  await deliverTo(sink, file, (id) => lost.has(id));
  const reading = await readOne(file, { kind: "file", directory });
  assertEquals([reading.missing, reading.lost, reading.agrees], [0, 2, true]);
  for await (const { name } of Deno.readDir(directory)) {
    if (!name.endsWith(".jsonl")) continue;
    const lines = (await Deno.readTextFile(`${directory}/${name}`)).split("\n");
    await Deno.writeTextFile(`${directory}/${name}`, lines.slice(1).join("\n"));
  }
  const after = await readOne(file, { kind: "file", directory });
  assertEquals([after.missing, after.lost, after.agrees], [1, 2, false]);
});

Deno.test("one document in a thousand that is not in Elasticsearch is missed (recorded exchange)", async () => {
  using file = new JournalFile(["elasticsearch"]);
  file.accept(1, 2_500);
  file.deliver("elasticsearch");
  await using server = recordedServer(({ body }) => {
    const { ids } = JSON.parse(body) as { ids: string[] };
    return { body: { docs: ids.map((id) => ({ _index: "tweets", _id: id, found: !oneInAThousand(Number(id)) })) } };
  });
  const reading = await readOne(file, { kind: "elasticsearch", place: { url: server.url, index: "tweets" } });
  assertEquals([reading.expected, reading.missing, reading.agrees], [2_500, 2, false]);
  assertEquals(idsOf(reading), ["1000", "2000"]);
  assertEquals(server.asked.length, 3);
});

Deno.test("sinks that cannot be read back, or whose place nobody knows, are said to be so", async () => {
  using file = new JournalFile(["file", "stdout"]);
  assertEquals(await readBack(file, ["file", "stdout"], [{ kind: "stdout" }]), {
    readings: [],
    unread: [
      { sink: "file", reason: "the settings do not say where it is; --sink PLACE does" },
      { sink: "stdout", reason: "what went to stdout cannot be read back" },
    ],
  });
});

Deno.test("a directory that is not there is no proof of anything", async () => {
  using file = new JournalFile(["file"]);
  const place: Place = { kind: "file", directory: `${file.directory}/nowhere` };
  await assertRejects(() => readOne(file, place), UnavailableError, "Cannot read the files in");
});
