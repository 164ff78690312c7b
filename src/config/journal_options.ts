/** The settings of the journal. */

import { option } from "./option.ts";
import * as parse from "./parsers.ts";

const MEBIBYTE = 1024 ** 2;

export const JOURNAL_OPTIONS = {
  journalMaxBytes: option({
    name: "JOURNAL_MAX_BYTES",
    parse: parse.size(MEBIBYTE),
    default: "4GiB",
    placeholder: "SIZE",
    help: "how large the journal may grow, a quarter of it for the ids that tell repeats; 5 % of the disk stay free",
  }),
  journalWhenFull: option({
    name: "JOURNAL_WHEN_FULL",
    parse: parse.oneOf("pause", "drop"),
    default: "pause",
    placeholder: "pause|drop",
    help: "what happens then: pause (the stream is closed until there is room), or drop the newest, counted",
  }),
} as const;
