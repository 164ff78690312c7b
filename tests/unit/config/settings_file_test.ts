/** Which settings file counts, and what is told of one that cannot be used. */

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { SettingsError } from "../../../src/base/errors.ts";
import { faultsOf, linesOf, Place } from "./place.ts";

const ON_WINDOWS = Deno.build.os === "windows";
const topic = (name: string): string => JSON.stringify({ KAFKA_TOPIC: name });

Deno.test("the first file counts: named by a flag, by a variable, then here, at home, for all users", async () => {
  await using place = await Place.make({
    "flag.json": topic("flag"),
    "variable.json": topic("variable"),
    "work/localsettings.json": topic("work"),
    "home/.config/traptor/localsettings.json": topic("home"),
    "system/localsettings.json": topic("system"),
  });
  const flags = { settings: place.at("flag.json") };
  const environment = { TRAPTOR_SETTINGS: place.at("variable.json") };
  const topicOf = async (given: object) => (await place.load(given)).settings.kafkaTopic;

  assertEquals(await topicOf({ flags, environment }), "flag");
  assertEquals(await topicOf({ environment }), "variable");
  assertEquals(await topicOf({}), "work");
  await Deno.remove(place.at("work/localsettings.json"));
  assertEquals(await topicOf({}), "home");
  assertEquals(await topicOf({ environment: { HOME: "" } }), "system");
  await Deno.remove(place.at("home/.config/traptor/localsettings.json"));
  assertEquals(await topicOf({}), "system");
  await Deno.remove(place.at("system/localsettings.json"));
  assertEquals(await topicOf({}), "traptor");
});

Deno.test("a file that is named must be there", async () => {
  assertEquals(await faultsOf({ flags: { settings: "/nowhere/a.json" } }), [
    "/nowhere/a.json: there is no such settings file",
  ]);
  assertEquals(await faultsOf({ environment: { TRAPTOR_SETTINGS: "/nowhere/b.json" } }), [
    "/nowhere/b.json: there is no such settings file",
  ]);
});

Deno.test("a byte order mark and Windows' line ends do no harm", async () => {
  await using place = await Place.make({
    "work/localsettings.json": `\ufeff// from Windows\r\n{\r\n  "KAFKA_TOPIC": "a", // so\r\n}\r\n`,
  });
  assertEquals((await place.load()).settings.kafkaTopic, "a");
});

Deno.test("a broken file is told with line and column, beside the other faults", async () => {
  const faults = await faultsOf({
    environment: { LOG_JSON: "ja" },
    files: { "work/localsettings.json": '{\n  "KAFKA_TOPIC": "a"\n  "REDIS_DB": 1\n}' },
  });
  assertEquals(faults.length, 2);
  assertMatch(faults[0]!, /\/work\/localsettings\.json: it is no JSON: line 3, column 3: a , or a } is missing$/);
  assertStringIncludes(faults[1]!, "LOG_JSON");
});

Deno.test("a file that is no UTF-8, no object, or too large is refused", async () => {
  const contents: [string | Uint8Array, string][] = [
    [new Uint8Array([0x7b, 0xff, 0x7d]), "it is not UTF-8"],
    [new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), "it is not UTF-8"],
    ["[]", "it holds no JSON object of settings"],
    ["null", "it holds no JSON object of settings"],
    ["", "it is no JSON: line 1, column 1"],
    [" ".repeat(1024 * 1024 + 1), "it is larger than 1 MiB"],
  ];
  for (const [content, says] of contents) {
    assertStringIncludes((await faultsOf({ files: { "work/localsettings.json": content } }))[0]!, says);
  }
});

Deno.test("a folder in the file's place is told, not passed over", async () => {
  await using place = await Place.make();
  await Deno.mkdir(place.at("work/localsettings.json"));
  const error = await assertRejects(() => place.load(), SettingsError);
  assertStringIncludes(linesOf(error)[0]!, "localsettings.json: it is no file");
});

Deno.test({
  name: "a file here that others may write does not count, and that is told; elsewhere it is the user's affair",
  ignore: ON_WINDOWS,
  async fn() {
    for (const mode of [0o620, 0o602, 0o666]) {
      await using place = await Place.make();
      await place.write("work/localsettings.json", topic("a"), mode);
      const error = await assertRejects(() => place.load(), SettingsError);
      assertMatch(
        linesOf(error)[0]!,
        /localsettings\.json: others may write to it, so it does not count; `chmod go-w`/,
      );
      const named = await place.load({ flags: { settings: place.at("work/localsettings.json") } });
      assertEquals(named.settings.kafkaTopic, "a");
    }
    for (const mode of [0o600, 0o644, 0o444]) {
      await using place = await Place.make();
      await place.write("work/localsettings.json", topic("a"), mode);
      assertEquals((await place.load()).settings.kafkaTopic, "a");
    }
  },
});

Deno.test({
  name: "a file here that belongs to another user does not count, and that is told",
  ignore: ON_WINDOWS || Deno.uid() !== 0, // only root can give files away
  async fn() {
    await using place = await Place.make({ "work/localsettings.json": topic("a") });
    await Deno.chown(place.at("work/localsettings.json"), 12_345, null);
    const error = await assertRejects(() => place.load(), SettingsError);
    assertMatch(linesOf(error)[0]!, /localsettings\.json: it belongs to another user, so it does not count$/);
  },
});
