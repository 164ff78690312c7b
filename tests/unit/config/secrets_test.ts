/** Secrets: where they may come from, and that nothing we say ever holds one. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EndingError, SettingsError } from "../../../src/base/errors.ts";
import { settingRows } from "../../../src/config/describe.ts";
import { OPTIONS_IN_ORDER, SECRET_NAMES } from "../../../src/config/options.ts";
import { withChance } from "../../support/seeded.ts";
import { faultsOf, load, Place } from "./place.ts";

Deno.test("a secret may be in a file that NAME_FILE names, in the environment or the settings file", async () => {
  await using place = await Place.make({ "token": "\ufefftoken-1\r\n", "password": "two words \n" });
  const inFile = { REDIS_PASSWORD_FILE: place.at("password"), CONSUMER_KEY_FILE: "/overruled" };
  await place.write("work/localsettings.json", JSON.stringify(inFile));
  const { settings, sources } = await place.load({
    environment: { BEARER_TOKEN_FILE: place.at("token"), CONSUMER_KEY: "a", CONSUMER_SECRET: "b" },
  });
  assertEquals([settings.bearerToken, sources.bearerToken], ["token-1", `file ${place.at("token")}`]);
  assertEquals([settings.redisPassword, sources.redisPassword], ["two words", `file ${place.at("password")}`]);
  assertEquals([settings.consumerKey, sources.consumerKey], ["a", "environment"]);
});

Deno.test("a secret may be one of systemd's credentials, which what is set by hand overrules", async () => {
  await using place = await Place.make({ "BEARER_TOKEN": "from-systemd\n", "REDIS_PASSWORD": "from-systemd" });
  const { settings, sources } = await place.load({
    environment: { CREDENTIALS_DIRECTORY: place.path, REDIS_PASSWORD: "by-hand" },
  });
  assertEquals([settings.bearerToken, sources.bearerToken], ["from-systemd", "systemd's credentials"]);
  assertEquals([settings.redisPassword, sources.redisPassword], ["by-hand", "environment"]);
  assertEquals(settings.consumerKey, undefined);
});

Deno.test("a secret that is set twice, or whose file cannot be used, is a fault", async () => {
  await using place = await Place.make({ "empty": " \n", "binary": new Uint8Array([0xff, 0x00]) });
  const faults = await faultsOf({
    environment: {
      BEARER_TOKEN: "a",
      BEARER_TOKEN_FILE: "/nowhere",
      REDIS_PASSWORD_FILE: "/nowhere",
      CONSUMER_KEY_FILE: place.at("empty"),
      CONSUMER_SECRET_FILE: place.at("binary"),
      KAFKA_SASL_PASSWORD_FILE: place.path,
    },
  });
  assertEquals(faults.slice(0, 4), [
    "BEARER_TOKEN: BEARER_TOKEN_FILE is set as well, and one of them is too many (environment)",
    `CONSUMER_KEY: CONSUMER_KEY_FILE names ${place.at("empty")}, which is empty (environment)`,
    `CONSUMER_SECRET: CONSUMER_SECRET_FILE names ${place.at("binary")}, which is no text in UTF-8 (environment)`,
    "REDIS_PASSWORD: REDIS_PASSWORD_FILE names /nowhere, which is not there (environment)",
  ]);
  assertStringIncludes(faults[4]!, `KAFKA_SASL_PASSWORD_FILE names ${place.path}, which cannot be read (`);
});

Deno.test("a secret is no flag, whatever the caller passes", async () => {
  const flags = { "bearer-token": "a", BEARER_TOKEN: "a", "redis-password": "a" };
  const { settings } = await load({ flags });
  assertEquals([settings.bearerToken, settings.redisPassword], [undefined, undefined]);
});

Deno.test("a password in a flag's URL is refused without being repeated; elsewhere it is shown as ***", async () => {
  for (const url of ["redis://:hunter2@a", "rediss://user:hunter2@a:1/0"]) {
    const [fault] = await faultsOf({ flags: { "redis-url": url } });
    assertStringIncludes(fault!, "REDIS_URL: everybody on this machine sees a password in a flag");
    assert(!fault!.includes("hunter2"));
  }
  const [fault] = await faultsOf({ flags: { sink: "kafka,elasticsearch:https://u:hunter2@es:9200" } });
  assertStringIncludes(fault!, "TRAPTOR_SINK: everybody on this machine sees a password in a flag");
  assert(!fault!.includes("hunter2"));
  const loaded = await load({ environment: { REDIS_URL: "redis://user:hunter2@a:1/2" } });
  assertEquals(loaded.settings.redisUrl, "redis://user:hunter2@a:1/2");
  const row = settingRows(loaded).find(({ name }) => name === "REDIS_URL");
  assertEquals(row, { name: "REDIS_URL", value: "redis://user:***@a:1/2", source: "environment" });
  assertEquals((await load({ flags: { "redis-url": "redis://user@a" } })).settings.redisUrl, "redis://user@a");
});

Deno.test("wherever a secret is put, well or badly, nothing that is said holds it", async () => {
  await withChance(async (chance) => {
    for (let round = 0; round < 200; round++) {
      const secret = `s3cret${Math.floor(chance() * 1e9).toString(36)}`;
      const said = await everythingSaid(secret, chance);
      assert(!said.includes(secret), `${secret} was said in:\n${said}`);
    }
  });
});

/** Loads settings with a secret in many places, in shapes that are right and wrong; everything that a person may see. */
async function everythingSaid(secret: string, chance: () => number): Promise<string> {
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(chance() * choices.length)]!;
  const shape = (): string => one([secret, `${secret} ${secret}`, `"${secret}`, `\n${secret}\u0000x`, `ä${secret}`]);
  const url = (): string =>
    one([`redis://:${secret}@a`, `redis://u:${secret}@a:x`, `http://u:${secret}@a`, `:${secret}@a`, secret]);
  await using place = await Place.make({ secret: shape() });
  const values: Record<string, unknown> = {};
  for (const name of SECRET_NAMES) {
    if (chance() < 0.5) values[name] = one([shape(), [shape()], { [`x`]: shape() }, shape()]);
    if (chance() < 0.2) values[`${name}_FILE`] = place.at("secret");
  }
  if (chance() < 0.5) values["REDIS_URL"] = url();
  if (chance() < 0.5) values["APIKEYS"] = one([{ CONSUMER_KEY: shape(), CONSUMER_SECRET: shape() }, shape()]);
  if (chance() < 0.5) values["KAFKA_HOSTS"] = one([`u:${secret}@a:1`, `kafka://u:${secret}@a:1`]);
  if (chance() < 0.5) values["TWITTER_API_URL"] = url();
  let file = JSON.stringify(values);
  if (chance() < 0.3) file = file.slice(0, Math.floor(chance() * file.length));
  const inFile = chance() < 0.5;
  if (inFile) await place.write("work/localsettings.json", file);
  const environment: Record<string, string> = {};
  for (const [name, value] of inFile ? [] : Object.entries(values)) environment[name] = String(value);
  const flags: Record<string, string> = chance() < 0.3 ? { "redis-url": url(), "kafka-hosts": `u:${secret}@a` } : {};
  try {
    const loaded = await place.load({ flags, environment });
    return [...settingRows(loaded).flatMap((row) => Object.values(row)), ...loaded.notes].join("\n");
  } catch (error) {
    if (!(error instanceof EndingError)) throw error;
    return `${error.stack}\n${error.hint}\n${String(error.cause)}`;
  }
}

Deno.test("a settings file of any bytes is read or refused in the one way", async () => {
  const names = OPTIONS_IN_ORDER.map((option) => `"${option.name}"`);
  const pieces = [
    ..."{}[]:,\"'/*\\\n\t 019.-eE+\u0000\ufeff\u2028é",
    "//",
    "/*",
    "*/",
    "true",
    "null",
    "\\u12",
    ...names,
  ];
  await withChance(async (chance) => {
    await using place = await Place.make();
    for (let round = 0; round < 400; round++) {
      const length = Math.floor(chance() * 60);
      const text = Array.from({ length }, () => pieces[Math.floor(chance() * pieces.length)]).join("");
      const bytes = new TextEncoder().encode(chance() < 0.5 ? `{${text}}` : text);
      if (chance() < 0.3 && length > 0) bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
      await place.write("work/localsettings.json", bytes);
      try {
        await place.load();
      } catch (error) {
        if (!(error instanceof SettingsError)) throw new Error(`with ${JSON.stringify(text)}`, { cause: error });
      }
    }
  });
});
