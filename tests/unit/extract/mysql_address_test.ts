import { assert, assertEquals, assertThrows } from "@std/assert";
import { SettingsError } from "../../../src/base/errors.ts";
import { mysqlAddress } from "../../../src/extract/mysql_address.ts";
import { withChance } from "../../support/seeded.ts";

const OTHERS = { user: "other", password: "elsewhere", database: "rules" };

Deno.test("a URL says all of it, or what it says is completed", () => {
  assertEquals(mysqlAddress("mysql://me:secret@db.example.org:3307/traptor", OTHERS), {
    host: "db.example.org",
    port: 3307,
    user: "me",
    password: "secret",
    database: "traptor",
    isTls: false,
  });
  assertEquals(mysqlAddress("mysqls://db.example.org", { ...OTHERS, password: undefined }), {
    host: "db.example.org",
    port: 3306,
    user: "other",
    password: undefined,
    database: "rules",
    isTls: true,
  });
  assertEquals(mysqlAddress("mysql://me@[::1]/", OTHERS), {
    host: "::1",
    port: 3306,
    user: "me",
    password: "elsewhere",
    database: "rules",
    isTls: false,
  });
});

Deno.test("any password comes out of a URL as it went in, percent-encoded", async () => {
  const passwords = ["p@ss", "50%", "a:b/c?d#e", "[x]", " ", "é\u{1f600}", "%40", "&=+;,$!'()*~", "\\"];
  await withChance((chance) => {
    for (let round = 0; round < 500; round++) {
      passwords.push(String.fromCodePoint(...Array.from({ length: 8 }, () => 1 + Math.floor(chance() * 0x2000))));
    }
    for (const password of passwords) {
      const part = encodeURIComponent(password);
      const address = mysqlAddress(`mysql://${part}:${part}@host/${part}`, OTHERS);
      assertEquals([address.password, address.user, address.database], [password, password, password]);
    }
  });
  // An @ that nobody encoded: the last one stands before the host.
  assertEquals(mysqlAddress("mysql://me:p@ss@host/d", OTHERS).password, "p@ss");
});

Deno.test("a URL that is none is refused with what it is to look like, and its password is not said", () => {
  const faults = [
    ["mysql://me:hunter2%zz@host/d", "a % in its password begins no percent-encoded character"],
    ["mysql://me%:hunter2@host/d", "a % in its user begins no percent-encoded character"],
    ["mysql://me:hunter2@host/d%", "a % in its database begins no percent-encoded character"],
    ["mysql://me:hunter2@host:99999/d", "it is no mysql URL"],
    ["mysql://me:hunter2@/d", "it is no mysql URL"],
    ["postgres://me:hunter2@host/d", "it is no mysql URL"],
    ["me:hunter2@host/d", "it is no mysql URL"],
    ["", "it is no mysql URL"],
  ] as const;
  for (const [url, why] of faults) {
    const error = assertThrows(() => mysqlAddress(url, OTHERS), SettingsError);
    assertEquals(error.message, `Cannot use MYSQL_URL: ${why}`);
    assertEquals([error.hint, error.cause], ["MYSQL_URL=mysql://user:password@host:3306/database", undefined]);
    assert(!`${error.stack}`.includes("hunter2"));
  }
});
