import { assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../../src/base/clock.ts";
import { FileRuleStore } from "../../../src/rules/file_rule_store.ts";
import { RulesFileError } from "../../../src/rules/rule_store.ts";
import { checkRuleStore, type WrittenRule } from "../../conformance/rule_store.ts";
import { withFolder } from "../../support/test_folder.ts";
import { waitUntil } from "../../support/wait_until.ts";

const NEVER = new AbortController().signal;
const SLOT = { type: "track", id: 0 } as const;

function storeOf(path: string): FileRuleStore {
  return new FileRuleStore({ path, slot: SLOT, clock: systemClock() });
}

async function refusal(store: FileRuleStore): Promise<string> {
  return (await assertRejects(() => store.load(NEVER), RulesFileError)).message;
}

Deno.test("the file store does what every rule store does", async (t) => {
  await checkRuleStore(t, async () => {
    const folder = await Deno.makeTempDir({ prefix: "traptor-rules-" });
    const path = `${folder}/rules.jsonl`;
    return {
      store: storeOf(path),
      write: (rules: readonly WrittenRule[]) =>
        Deno.writeTextFile(path, rules.map((rule) => rule ? `${JSON.stringify(rule)}\n` : '{"value": \n').join("")),
      breakDown: () => Deno.rename(path, `${path}.away`),
      mend: () => Deno.rename(`${path}.away`, path),
      remove: () => Deno.remove(folder, { recursive: true }),
    };
  });
});

Deno.test("a file that is missing, a directory, too odd, or not UTF-8 is refused in words", () =>
  withFolder(async (folder) => {
    const path = `${folder}/rules.txt`;
    assertEquals(await refusal(storeOf(path)), `Cannot read the rules in ${path}: there is no such file`);
    assertEquals(await refusal(storeOf(folder)), `Cannot read the rules in ${folder}: it is a directory`);
    assertEquals(await refusal(storeOf("/dev/null")), "Cannot read the rules in /dev/null: it is no file");
    await Deno.writeFile(path, new Uint8Array([0x61, 0x0a, 0xc3, 0xa9, 0x0a, 0x62, 0xe2, 0x82, 0x0a, 0xff]));
    assertEquals(await refusal(storeOf(path)), `Cannot read the rules in ${path}: line 3 is not UTF-8`);
  }));

Deno.test("an empty file, a byte order mark and Windows line ends are no fault", () =>
  withFolder(async (folder) => {
    const path = `${folder}/rules.txt`;
    await Deno.writeTextFile(path, "");
    assertEquals(await storeOf(path).load(NEVER), { rules: [], faults: [] });
    await Deno.writeTextFile(path, "\ufeffdeno\r\n\r\n# a comment\r\n#opendata\r\n");
    assertEquals((await storeOf(path).load(NEVER)).rules.map((rule) => rule.value), ["deno", "#opendata"]);
  }));

Deno.test("a file that is being written is read when it stands still", () =>
  withFolder(async (folder) => {
    const path = `${folder}/rules.txt`;
    await Deno.writeTextFile(path, "one\n");
    const loading = storeOf(path).load(NEVER);
    await Deno.writeTextFile(path, "two\n", { append: true });
    assertEquals((await loading).rules.map((rule) => rule.value), ["one", "two"]);
  }));

Deno.test("a file that is replaced, and a link that is turned, are noticed; other files are not", () =>
  withFolder(async (folder) => {
    const path = `${folder}/rules.txt`;
    await Deno.mkdir(`${folder}/first`);
    await Deno.mkdir(`${folder}/second`);
    await Deno.writeTextFile(`${folder}/first/rules.txt`, "one\n");
    await Deno.writeTextFile(`${folder}/second/rules.txt`, "two, and longer\n");
    await Deno.symlink("first", `${folder}/current`);
    await Deno.symlink("current/rules.txt", path);
    let notices = 0;
    const unwatch = storeOf(path).watch({ onNotice: () => notices++, onLost: fail });
    const next = async (what: string, act: () => Promise<void>) => {
      const before = notices;
      await act();
      await waitUntil(() => notices > before, { what });
    };
    try {
      await waitUntil(() => notices === 1, { what: "watching" });
      await next("the turned link", async () => {
        await Deno.symlink("second", `${folder}/next`);
        await Deno.rename(`${folder}/next`, `${folder}/current`);
      });
      let others = 0;
      const unwatchOther = storeOf(`${folder}/other.txt`).watch({ onNotice: () => others++, onLost: fail });
      await waitUntil(() => others === 1, { what: "watching the other file" });
      await Deno.writeTextFile(`${folder}/other.txt`, "nothing of ours");
      await waitUntil(() => others === 2, { what: "the other file" });
      unwatchOther();
      assertEquals(notices, 2);
      await next("the replaced file", async () => {
        await Deno.writeTextFile(`${folder}/rules.txt.new`, "three\n");
        await Deno.rename(`${folder}/rules.txt.new`, path);
      });
      assertEquals(notices, 3);
      await next("the removed file", () => Deno.remove(path));
    } finally {
      unwatch();
    }
  }));

Deno.test("a directory that is not there is told once, and watched when it comes", () =>
  withFolder(async (folder) => {
    const path = `${folder}/later/rules.txt`;
    const told: string[] = [];
    const clock = systemClock(100);
    const store = new FileRuleStore({ path, slot: SLOT, clock });
    const unwatch = store.watch({ onNotice: () => told.push("notice"), onLost: () => told.push("lost") });
    try {
      await waitUntil(() => told.length > 0, { what: "the loss" });
      await Deno.mkdir(`${folder}/later`);
      await waitUntil(() => told.length > 1, { what: "watching" });
      assertEquals(told, ["lost", "notice"]);
    } finally {
      unwatch();
    }
  }));

function fail(reason: string): never {
  throw new Error(reason);
}
