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

interface Row {
  readonly record: Record<string, string>;
  readonly info: { readonly lines: number };
}

/** The rules in a table. Throws ExtractError when it is broken as a whole or has no values. */
export async function* csvEntries(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Entry> {
  const { beginning, all } = await peeked(pieces);
  const header = beginning.trimStart().split(/\r\n|\n|\r/)[0]!;
  refuseWebPage(header, name);
  if (header === "") return;
  const parser = parse({
    columns: (names: string[]) => columnsOf(names, name),
    delimiter: delimiterIn(header),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  const source = Readable.from(all);
  // What goes wrong in the source ends the reading of the table.
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<Row>) {
      yield rowEntry(withoutEmpty(record), `${name}, line ${info.lines}`);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ExtractError(`Cannot read the rules in ${name}: ${wordsOf(error)}, at line ${error["lines"]}`, {
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

function wordsOf({ code }: CsvError): string {
  if (code === "CSV_QUOTE_NOT_CLOSED") return "a quote is never closed";
  if (code === "INVALID_OPENING_QUOTE") return "a quote stands within a field that does not begin with one";
  if (code === "CSV_INVALID_CLOSING_QUOTE") {
    return "something stands between a field's closing quote and the next field";
  }
  return "it is no table";
}
