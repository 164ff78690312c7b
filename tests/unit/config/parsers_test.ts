/** Each parser: what it makes of texts, and what it says of those that it refuses. */

import { assertEquals, assertThrows } from "@std/assert";
import * as parse from "../../../src/config/parsers.ts";

interface Case {
  readonly parser: parse.Parser<unknown>;
  readonly good: readonly (readonly [text: string, value: unknown])[];
  /** With a part of the message. */
  readonly bad: readonly (readonly [text: string, says: string])[];
}

const NAMES = parse.fieldList(["id", "text", "lang", "author_id"], ["organic_metrics"]);

const CASES: Readonly<Record<string, Case>> = {
  text: {
    parser: parse.text,
    good: [["a b", "a b"], ["ü", "ü"]],
    bad: [["", "it is empty"], ["a\nb", "control character"], ["a\u0000b", "control character"]],
  },
  path: {
    parser: parse.path,
    good: [["/a/b", "/a/b"], ["a~", "a~"], ["~a", "~a"]],
    bad: [["~", "write the whole path"], ["~/a", "write the whole path"], ["", "it is empty"], ["a\u0000", "control"]],
  },
  truth: {
    parser: parse.truth,
    good: [
      ...["true", "True", "TRUE", "t", "yes", "y", "on", "1"].map((text) => [text, true] as const),
      ...["false", "False", "f", "no", "n", "off", "0"].map((text) => [text, false] as const),
    ],
    bad: [["", "neither true nor false"], ["2", "neither"], ["ja", "neither"], ["'true'", "neither"]],
  },
  whole: {
    parser: parse.whole(1, 65_535),
    good: [["1", 1], ["65535", 65_535], ["007", 7]],
    bad: ["0", "65536", "-1", "1.5", "", "1e3", "0x10", "9".repeat(400)].map((text) =>
      [text, "no whole number from 1 to 65535"] as const
    ),
  },
  positive: {
    parser: parse.positive,
    good: [["10", 10], ["0.5", 0.5], [".5", 0.5], ["1000000", 1_000_000]],
    bad: ["0", "0.0", "-1", "1e3", "", "Infinity", "1000001", "9".repeat(400)].map((text) =>
      [text, "no number above 0"] as const
    ),
  },
  duration: {
    parser: parse.duration,
    good: [
      ["60s", 60_000],
      ["500ms", 500],
      ["15m", 900_000],
      ["2h", 7_200_000],
      ["1d", 86_400_000],
      ["1.5s", 1_500],
      ["1.0004s", 1_000],
      ["60", 60_000],
      ["366d", 31_622_400_000],
      ["5 s", 5_000],
    ],
    bad: ["", "0", "0s", "0.1ms", "-5s", "5w", "s", "5S", "1h30m", "367d", "9".repeat(400)].map((text) =>
      [text, "no duration such as 500ms, 60s, 15m or 2h"] as const
    ),
  },
  "one of": {
    parser: parse.oneOf("plain", "scram-sha-256"),
    good: [["PLAIN", "plain"], ["SCRAM-SHA-256", "scram-sha-256"]],
    bad: [["md5", "it is none of plain, scram-sha-256"]],
  },
  "level of the log": {
    parser: parse.logLevel,
    good: [["debug", "DEBUG"], ["INFO", "INFO"], ["WARNING", "WARN"], ["warn", "WARN"], ["CRITICAL", "ERROR"]],
    bad: [["verbose", "it is none of DEBUG, INFO, WARN, ERROR"]],
  },
  "types of rules": {
    parser: parse.ruleTypes,
    good: [
      ["track", ["track"]],
      ["locations", ["geo"]],
      ["track, Follow", ["track", "follow"]],
      ["geo,locations", ["geo"]],
      ["query,", ["query"]],
    ],
    bad: [["", "it names none of track"], ["tracks", "none of track, follow, geo, query"], [",", "it names none of"]],
  },
  "slot numbers": {
    parser: parse.slotIds,
    good: [
      ["0", [0]],
      ["0,3", [0, 3]],
      ["0-3", [0, 1, 2, 3]],
      ["0-2, 1, 7-8", [0, 1, 2, 7, 8]],
      ["9999", [9_999]],
      ["*", "all"],
    ],
    bad: [
      ["", "it names no slot"],
      ["3-1", "no slot number"],
      ["10000", "from 0 to 9999"],
      ["-1", "no slot number"],
      ["a", "no slot number"],
      ["*,1", "no slot number"],
      ["1-2-3", "no slot number"],
    ],
  },
  "place of rules": {
    parser: parse.rulesPlace,
    good: [
      ["redis", { kind: "redis" }],
      ["file:rules.json", { kind: "file", path: "rules.json" }],
      ["file:-", { kind: "file", path: "-" }],
    ],
    bad: [["file:", "neither redis nor file:PATH"], ["rules.json", "neither"], ["file:~/a", "whole path"]],
  },
  "status address": {
    parser: parse.listenAddress,
    good: [
      ["off", "off"],
      ["127.0.0.1:9464", { host: "127.0.0.1", port: 9464 }],
      ["9464", { host: "127.0.0.1", port: 9464 }],
      ["0.0.0.0:0", { host: "0.0.0.0", port: 0 }],
      ["[::1]:80", { host: "::1", port: 80 }],
      ["localhost:65535", { host: "localhost", port: 65_535 }],
    ],
    bad: ["", "on", "localhost", "localhost:", "a:65536", "::1:80", "http://a:80", "a b:80", "99999"].map((text) =>
      [text, "neither off nor HOST:PORT nor a port"] as const
    ),
  },
  "host": {
    parser: parse.host,
    good: [["redis", "redis"], ["10.0.0.1", "10.0.0.1"], ["::1", "::1"], ["[::1]", "::1"], ["a_b-c.d", "a_b-c.d"]],
    bad: ["", "a:6379", "redis://a", "a b", "a/b"].map((text) => [text, "no name or address of a host"] as const),
  },
  "URL of Redis": {
    parser: parse.url("redis", "rediss"),
    good: [
      ["redis://a", "redis://a"],
      ["rediss://u:p@a:1/0", "rediss://u:p@a:1/0"],
      ["redis://a/", "redis://a"],
    ],
    bad: [
      ["http://a", "no URL that begins with redis:// or rediss://"],
      ["a:6379", "no URL"],
      ["redis://", "no URL"],
      ["redis:/u:p@a", "no URL that begins with redis://"],
      ["redis:u:p@a", "no URL that begins with redis://"],
      ["", "no URL"],
      ["redis://a?password=p", "what follows ? or # has no meaning"],
      ["redis://a#p", "what follows ? or #"],
    ],
  },
  "X's API": {
    parser: parse.apiUrl,
    good: [["https://api.x.com/", "https://api.x.com"], ["http://127.0.0.1:80/a", "http://127.0.0.1:80/a"]],
    bad: [
      ["ftp://a", "https:// or http://"],
      ["https://u:p@a", "a user or password has no meaning"],
      ["https://u@a", "a user or password has no meaning"],
      ["https://api.twitter.com/1.1", "v1.1, which X has switched off"],
      ["https://api.twitter.com/1.1/statuses", "v1.1"],
    ],
  },
  brokers: {
    parser: parse.hostList,
    good: [["a:9092", ["a:9092"]], ["a:1, b:2,", ["a:1", "b:2"]]],
    bad: [
      ...["", ",", "a", "a:0", "a:65536", "kafka://a:1", "u:p@a:1"].map((text) =>
        [text, "no list of HOST:PORT"] as const
      ),
      ["a:1,[::1]:2", "[::1]:2 cannot be used: an address of IPv6 needs a name"],
    ],
  },
  topic: {
    parser: parse.topic,
    good: [["traptor", "traptor"], ["a.b-c_D9", "a.b-c_D9"]],
    bad: ["", "a b", "a/b", ".", "..", "ä", "a".repeat(250)].map((text) => [text, "no topic's name"] as const),
  },
  fields: {
    parser: NAMES,
    good: [["id,text", ["id", "text"]], ["id, id", ["id"]], ["none", []]],
    bad: [
      ["txt", 'X knows no "txt"; text is near'],
      ["follower_count", 'X knows no "follower_count"'],
      ["id,organic_metrics", "organic_metrics is private to the author"],
      ["", "it names nothing"],
      ["\u001b[31m", "\\u{1b}[31m"],
    ],
  },
  token: {
    parser: parse.token,
    good: [["AAAA%2Fb=", "AAAA%2Fb="]],
    bad: ["a b", "Bearer a", "a\nb", "ä", "\u0000", ""].map((text) => [text, "not copied as it is"] as const),
  },
};

for (const [name, { parser, good, bad }] of Object.entries(CASES)) {
  Deno.test(`${name}: what is right becomes a value`, () => {
    for (const [text, value] of good) assertEquals(parser(text), value, `the text "${text}"`);
  });

  Deno.test(`${name}: what is wrong is refused with the reason`, () => {
    for (const [text, says] of bad) {
      assertThrows(
        () => parser(text),
        parse.SettingFault,
        says,
        `the text "${text}" was taken, or for another reason refused`,
      );
    }
  });
}
