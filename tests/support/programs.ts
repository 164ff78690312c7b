/**
 * Which programs this machine has.
 *
 * @module
 */

/** The path of a program: in PATH, or where Debian keeps servers that are not in everyone's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  return folders.filter((folder) => folder !== "").map((folder) => `${folder}/${name}`).find(isFile);
}

/** Runs a program to its end; its output, or an error with its last words. */
export async function runProgram(command: readonly string[], cwd?: string): Promise<string> {
  const [program = "", ...args] = command;
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    ...cwd !== undefined && { cwd },
    stdin: "null",
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${program} failed. Its last words:\n${`${output}\n${errors}`.slice(-2_000)}`);
  return output ?? "";
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
