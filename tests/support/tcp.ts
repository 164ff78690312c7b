/**
 * One question to a server over TCP, to see whether it answers.
 *
 * @module
 */

/** Sends the bytes, if any, and returns the first bytes of the answer. Fails after two seconds of silence. */
export async function askOverTcp(port: number, question?: Uint8Array): Promise<Uint8Array> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => connection.close(), 2_000);
  try {
    if (question) await connection.write(question);
    const answer = new Uint8Array(4096);
    const length = await connection.read(answer);
    return answer.subarray(0, length ?? 0);
  } finally {
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // The time-out has closed it.
    }
  }
}
