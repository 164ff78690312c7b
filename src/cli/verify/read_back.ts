/** Reads the sinks of a journal back, those that the settings name, and compares the ids in them with the journal's. */

import { systemClock } from "../../base/clock.ts";
import { UnavailableError } from "../../base/errors.ts";
import { Events } from "../../base/events.ts";
import { kafkaConnectionOf, readCertificates, withCertificates } from "../../collector/sinks.ts";
import type { Settings } from "../../config/options.ts";
import { elasticsearchHolds } from "../../deliver/elasticsearch_ids.ts";
import { shownPlace } from "../../deliver/elasticsearch_place.ts";
import { idsInFiles } from "../../deliver/file_ids.ts";
import { sqliteHolds } from "../../deliver/sqlite_ids.ts";
import type { IdTable } from "./id_table.ts";
import { type Look, readKafka } from "./kafka_reading.ts";
import { DAY_MS } from "../../journal/tally.ts";
import { concluded, type SinkReading, wantedOf } from "./sink_reading.ts";

/** A sink that was not read back, and why. */
export interface UnreadSink {
  readonly sink: string;
  readonly reason: string;
}

export interface ReadBackOptions {
  readonly look: Look;
  readonly settings: Settings;
  /** Before each sink that is read: it may take a while. */
  readonly onSink: (place: string) => void;
  readonly signal: AbortSignal;
}

/** How many ids are asked for in one go where a sink is asked for ids. */
const ASKED_AT_ONCE = 50_000;

/** Reads one sink after the other. Throws UnavailableError, SettingsError where one cannot be read. */
export async function readBackSinks(
  sinks: readonly string[],
  options: ReadBackOptions,
): Promise<{ readings: SinkReading[]; unread: UnreadSink[] }> {
  const readings: SinkReading[] = [];
  const unread: UnreadSink[] = [];
  for (const sink of sinks) {
    const place = options.settings.sink.find(({ kind }) => kind === sink);
    if (sink === "stdout") unread.push({ sink, reason: "what went to stdout cannot be read back" });
    else if (!place) unread.push({ sink, reason: "the settings do not say where it is; --sink PLACE does" });
    else readings.push(await readOne(place, options));
  }
  return { readings, unread };
}

async function readOne(place: Settings["sink"][number], options: ReadBackOptions): Promise<SinkReading> {
  const { look, onSink, settings, signal } = options;
  const wanted = () => look((database) => wantedOf(database, place.kind));
  switch (place.kind) {
    case "file":
      onSink(`the files in ${place.directory}`);
      return await readFiles(place.directory, wanted());
    case "sqlite": {
      onSink(place.path);
      const all = wanted();
      await askInParts(all.ids, (ids) => sqliteHolds(place.path, ids));
      return concluded(all, { sink: "sqlite", place: `SQLite database ${place.path}` });
    }
    case "elasticsearch": {
      const where = shownPlace(place.place);
      onSink(where);
      const all = wanted();
      const reached = withCertificates(place.place, await readCertificates(settings));
      await askInParts(all.ids, (ids) => elasticsearchHolds(reached, ids, systemClock(), signal));
      return concluded(all, { sink: "elasticsearch", place: where });
    }
    default: {
      onSink(`Kafka ${settings.kafkaHosts.join(",")}`);
      const certificates = await readCertificates(settings);
      return await readKafka(look, kafkaConnectionOf({ app: "verify", events: new Events(), certificates, settings }));
    }
  }
}

async function readFiles(directory: string, wanted: ReturnType<typeof wantedOf>): Promise<SinkReading> {
  const files = idsInFiles(directory, wanted.ids.earliest - DAY_MS);
  try {
    for await (const id of files) wanted.ids.found(id);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new UnavailableError(`Cannot read the files in ${directory}: ${error.message}`, {
      hint: "verify --sink file:DIR with the directory that the tweets were delivered to",
      cause: error,
    });
  }
  const { odd, torn, unreadable } = files;
  const remarks = [
    ...odd > 0 ? [`${odd} of the lines there hold no tweet`] : [],
    ...torn > 0 ? [`${torn} of the files there end in the middle of a line, which counts as not written`] : [],
    ...unreadable.map((file) => `not read: ${file}`),
  ];
  return concluded(wanted, { sink: "file", place: `files in ${directory}`, remarks });
}

/** Asks for ids, many at a time. */
async function askInParts(table: IdTable, holds: (ids: readonly string[]) => Promise<Set<string>>): Promise<void> {
  let part: string[] = [];
  const ask = async () => {
    for (const id of await holds(part)) table.found(id);
    part = [];
  };
  for (const id of table.ids()) {
    part.push(id);
    if (part.length === ASKED_AT_ONCE) await ask();
  }
  if (part.length > 0) await ask();
}
