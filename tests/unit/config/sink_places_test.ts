/** Where tweets go: what is understood, and what is refused without repeating it. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { SettingFault } from "../../../src/config/parsers.ts";
import { passwordIn, withoutPassword } from "../../../src/config/passwords.ts";
import { sinkPlaces } from "../../../src/config/sink_places.ts";

const elasticsearch = (url: string, index = "tweets") => ({ kind: "elasticsearch", place: { url, index } });

Deno.test("sinks: what is right becomes places", () => {
  const good: readonly (readonly [text: string, places: unknown])[] = [
    ["kafka", [{ kind: "kafka" }]],
    ["kafka, file:/a b,stdout", [{ kind: "kafka" }, { kind: "file", directory: "/a b" }, { kind: "stdout" }]],
    ["sqlite:/var/lib/tweets.db", [{ kind: "sqlite", path: "/var/lib/tweets.db" }]],
    ["sqlite:a:b.db,file:a", [{ kind: "sqlite", path: "a:b.db" }, { kind: "file", directory: "a" }]],
    ["elasticsearch:http://localhost:9200", [elasticsearch("http://localhost:9200")]],
    ["elasticsearch:https://es.example/", [elasticsearch("https://es.example")]],
    ["elasticsearch:http://es:9200/my-tweets.2026", [elasticsearch("http://es:9200", "my-tweets.2026")]],
    ["elasticsearch:http://[::1]:9200/a/", [elasticsearch("http://[::1]:9200", "a")]],
  ];
  for (const [text, places] of good) assertEquals(sinkPlaces(text), places as ReturnType<typeof sinkPlaces>, text);
});

Deno.test("sinks: what is wrong is refused with the reason, and no password is repeated", () => {
  const bad: readonly (readonly [text: string, says: string])[] = [
    ["", "it names no sink"],
    ["kafka,kafka", "twice"],
    ["file:a,file:b", "twice"],
    ["sqlite:a,sqlite:b", "twice"],
    ["postgres", "none of kafka, stdout, file:DIR, sqlite:PATH, elasticsearch:URL"],
    ["file:", "none of kafka, stdout, file:DIR"],
    ["sqlite:", "none of kafka"],
    ["elasticsearch", "none of kafka"],
    ["file:~/a", "whole path"],
    ["sqlite:~/a", "whole path"],
    ["elasticsearch:localhost:9200", "no URL that begins with https:// or http://"],
    ["elasticsearch:ftp://a", "no URL"],
    ["elasticsearch:https:/u:hunter2@a", "no URL"],
    ["elasticsearch:http://a/b?c=d", "what follows ? or # has no meaning"],
    ["elasticsearch:http://a/Tweets", "no name of an index"],
    ["elasticsearch:http://a/_all", "no name of an index"],
    ["elasticsearch:http://a/b/c", "no name of an index"],
    ["elasticsearch:http://a/b*", "no name of an index"],
    ["elasticsearch:https://u@a", "of no use without each other"],
    ["elasticsearch:https://:hunter2@a", "of no use without each other"],
    ["elasticsearch:http://u:hunter2@es:9200", "the password would travel unencrypted"],
    ["elasticsearch:https://u:hunter2%zz@a", "written as %25"],
  ];
  for (const [text, says] of bad) {
    const fault = assertThrows(() => sinkPlaces(text), SettingFault, says, text);
    assert(!fault.message.includes("hunter2"), fault.message);
  }
});

Deno.test("a login in a URL is decoded, and is not in the URL that is kept", () => {
  const login = { username: "el,astic", password: "p@ss:w/ö" };
  const [place] = sinkPlaces("elasticsearch:https://el%2Castic:p%40ss%3Aw%2F%C3%B6@es:9200/tweets");
  assertEquals(place, { kind: "elasticsearch", place: { url: "https://es:9200", index: "tweets", login } });
  const [local] = sinkPlaces("elasticsearch:http://elastic:hunter2@127.0.0.1:9200");
  assert(local?.kind === "elasticsearch" && local.place.login?.password === "hunter2");
});

Deno.test("a password is seen in a URL wherever it stands in a setting", () => {
  const shown: readonly (readonly [text: string, shown: string])[] = [
    ["redis://:hunter2@a", "redis://:***@a"],
    ["rediss://user:hunter2@a:1/0", "rediss://user:***@a:1/0"],
    ["elasticsearch:https://u:hunter2@es:9200/tweets", "elasticsearch:https://u:***@es:9200/tweets"],
    ["kafka,elasticsearch:https://u:hun@t,er2@es,file:a", "kafka,elasticsearch:https://u:***@es,file:a"],
    ["HTTPS://u:hunter2@A", "HTTPS://u:***@A"],
    ["https:///u:hunter2@a", "https:///u:***@a"],
    ["https:\\\\u:hunter2@a", "https:\\\\u:***@a"],
    ["mysql://u:hunter2@a/b, redis://:hunter3@c", "mysql://u:***@a/b, redis://:***@c"],
  ];
  for (const [text, words] of shown) {
    assertEquals([passwordIn(text), withoutPassword(text)], [true, words]);
  }
  const without = [
    "redis://user@a",
    "elasticsearch:http://a:9200",
    "http://a:1/b:c@d",
    "file:/a:b@c",
    "redis://:@a",
    "a",
  ];
  for (const text of without) assertEquals([passwordIn(text), withoutPassword(text)], [false, text]);
});
