/**
 * Folders for the time of a test.
 *
 * @module
 */

/** A folder of a test's own. Use it with `using`: it goes with all that is in it. */
export class TestFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "traptor-test-" });

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Does something in a folder of its own. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  using folder = new TestFolder();
  await body(folder.path);
}

/** The same at once. */
export function withFolderSync(body: (folder: string) => void): void {
  using folder = new TestFolder();
  body(folder.path);
}
