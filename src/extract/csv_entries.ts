/**
 * Rules in a table of text, over npm:csv-parse, whose only importer this is: a header, then a rule a line; fields in
 * double quotes may hold anything. The column `value` must be there; commas, semicolons or tabs stand between fields,
 * whichever the header has most of.
 */

import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { shown } from "../model/outside_text.ts";
import type { Entry } from "./entry.ts";
import { ExtractError } from "./extract_error.ts";
import { refuseWebPage } from "./lines.ts";
import { peeked } from "./peeked.ts";
import { rowEntry } from "./row_entry.ts";

/** The longest row, in bytes: where a quote is never closed, the rest of the file is in it. */
const MOST_ROW_LENGTH = 16 * 1024 * 1024;

const LINE_END = /\r\n|\n|\r/;

interface Row {
  readonly record: Record<string, string>;
  readonly info: { readonly lines: number };
}

/** The rules in a table. Throws ExtractError when it is broken as a whole or has no values. */
export async function* csvEntries(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Entry> {
  const { beginning, all, close } = await peeked(pieces);
  try {
    const header = beginning.trimStart().split(LINE_END)[0]!;
    refuseWebPage(header, name);
    if (header !== "") yield* rowsOf(all, delimiterIn(header), name);
  } finally {
    // Not waited for: a source that is being read may say nothing for long.
    close().catch(() => {});
  }
}

async function* rowsOf(pieces: AsyncIterable<string>, delimiter: string, name: string): AsyncGenerator<Entry> {
  let rowsEnd = 0;
  const parser = parse({
    columns: (names: string[]) => {
      rowsEnd = parser.info.lines;
      return columnsOf(names, name);
    },
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    info: true,
    max_record_size: MOST_ROW_LENGTH,
    on_record: (row: Row) => {
      rowsEnd = row.info.lines;
      return row;
    },
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  const source = Readable.from(pieces);
  // What goes wrong in the source ends the reading of the table.
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<Row>) {
      yield rowEntry(withoutEmpty(record), `${name}, line ${info.lines}`);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ExtractError(`Cannot read the rules in ${name}: ${wordsOf(error, rowsEnd + 1)}`, {
      hint: 'Fields that hold quotes, commas or line ends go into double quotes, quotes in them doubled: "a ""b"""',
    });
  } finally {
    source.destroy();
  }
}

function columnsOf(names: readonly string[], name: string): string[] {
  const columns = names.map((column) => column.trim().toLowerCase());
  if (columns.includes("value")) return columns;
  throw new ExtractError(
    `Cannot read the rules in ${name}: no column is named value (its first line is ${shown(names.join(","), 80)})`,
    { hint: "A first line that names the columns: value,tag; or `traptor rules text` for a value a line" },
  );
}

function delimiterIn(header: string): string {
  const count = (delimiter: string) => header.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, delimiter) => count(delimiter) > count(best) ? delimiter : best);
}

/** An empty field says nothing. */
function withoutEmpty(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([column, text]) => text !== "" && column !== ""));
}

/** What is wrong; where a quote is missing, the row that it is in goes on to the end. */
function wordsOf(error: CsvError, rowStart: number): string {
  const at = `at line ${error["lines"]}`;
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return `a quote is never closed, in the row that begins at line ${rowStart}`;
    case "CSV_MAX_RECORD_SIZE":
      return `a row is longer than 16 MB, it begins at line ${rowStart}`;
    case "INVALID_OPENING_QUOTE":
      return `a quote stands within a field that does not begin with one, ${at}`;
    case "CSV_INVALID_CLOSING_QUOTE":
    case "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE":
      return `something stands between a field's closing quote and the next field, ${at}`;
    default:
      return `it is no table, ${at}`;
  }
}
