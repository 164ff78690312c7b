/** Files are written whole and opened where they are there, whatever the system makes of it. */

import { assertEquals, assertThrows } from "@std/assert";
import { openIfThere, writeFully, writeFullySync } from "../../../src/base/file_access.ts";
import { withFolder, withFolderSync } from "../../support/test_folder.ts";

Deno.test("all bytes are written, in order, however few are taken at a time, and on from where the file is at", async () => {
  await withFolder(async (folder) => {
    const bytes = Uint8Array.from({ length: 100 }, (_, at) => at);
    const path = `${folder}/a`;
    Deno.writeFileSync(path, new Uint8Array(102).fill(255));
    using file = Deno.openSync(path, { write: true });
    const sparing = {
      write: (some: Uint8Array) => file.write(some.subarray(0, 7)),
      writeSync: (some: Uint8Array) => file.writeSync(some.subarray(0, 7)),
    };
    file.seekSync(1, Deno.SeekMode.Start);
    writeFullySync(sparing, bytes);
    assertEquals(Deno.readFileSync(path), new Uint8Array([255, ...bytes, 255]));
    file.seekSync(0, Deno.SeekMode.Start);
    await writeFully(sparing, bytes);
    assertEquals(Deno.readFileSync(path), new Uint8Array([...bytes, 99, 255]));
    await writeFully(sparing, new Uint8Array(0));
    writeFullySync(sparing, new Uint8Array(0));
    assertEquals(Deno.readFileSync(path).length, 102);
  });
});

Deno.test("a file that is there is opened as it is asked for; of one that is not, nothing is made; other troubles are told", () => {
  withFolderSync((folder) => {
    const path = `${folder}/a`;
    assertEquals(openIfThere(path, { read: true, write: true }), undefined);
    assertEquals([...Deno.readDirSync(folder)], []);
    Deno.writeTextFileSync(path, "abc");
    using file = openIfThere(path, { read: true, write: true })!;
    writeFullySync(file, new TextEncoder().encode("xy"));
    assertEquals(Deno.readTextFileSync(path), "xyc");
    using reader = openIfThere(path, { read: true })!;
    assertThrows(() => writeFullySync(reader, new Uint8Array(1)));
    Deno.symlinkSync("loop", `${folder}/loop`);
    assertThrows(() => openIfThere(`${folder}/loop`, { read: true }), Deno.errors.FilesystemLoop);
  });
});
