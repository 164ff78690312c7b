/**
 * Commands to a Redis of the tests as a person types them.
 *
 * @module
 */

/** Sends commands in one go over a connection of its own, and gives the raw answers. Throws at the first error. */
export async function redisCommands(port: number, ...commands: readonly (readonly string[])[]): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode([...commands, ["QUIT"]].map(encoded).join("")));
  // Reading to the end closes the connection.
  const answers = await new Response(connection.readable).text();
  if (/(^|\n)-/.test(answers)) throw new Error(answers.trim());
  return answers;
}

function encoded(words: readonly string[]): string {
  const bytes = (word: string) => new TextEncoder().encode(word).length;
  return `*${words.length}\r\n${words.map((word) => `$${bytes(word)}\r\n${word}\r\n`).join("")}`;
}
