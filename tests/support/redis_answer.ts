/**
 * What a Redis of the tests holds, read past the program's own client.
 *
 * @module
 */
import { redisCommands } from "./redis_commands.ts";

export type RedisAnswer = string | number | null | readonly RedisAnswer[];

/** The answer to one command. Throws at an error. */
export async function redisAnswer(port: number, ...command: readonly string[]): Promise<RedisAnswer> {
  const bytes = new TextEncoder().encode(await redisCommands(port, command));
  return readAnswer(bytes, 0).answer;
}

/** The members of a set that are JSON, or plain text, in the order of their text. */
export async function setMembers(port: number, key: string): Promise<unknown[]> {
  const members = await redisAnswer(port, "SMEMBERS", key) as readonly string[];
  return [...members].sort().map((member) => member.startsWith("{") ? JSON.parse(member) : member);
}

/** The fields of a hash. */
export async function hashFields(port: number, key: string): Promise<Record<string, string>> {
  const list = await redisAnswer(port, "HGETALL", key) as readonly string[];
  return Object.fromEntries(list.flatMap((name, at) => at % 2 === 0 ? [[name, list[at + 1]!]] : []));
}

function readAnswer(bytes: Uint8Array, start: number): { answer: RedisAnswer; end: number } {
  const lineEnd = bytes.indexOf(13, start);
  const line = new TextDecoder().decode(bytes.subarray(start + 1, lineEnd));
  const end = lineEnd + 2;
  switch (String.fromCharCode(bytes[start]!)) {
    case ":":
      return { answer: Number(line), end };
    case "$": {
      const length = Number(line);
      if (length < 0) return { answer: null, end };
      return { answer: new TextDecoder().decode(bytes.subarray(end, end + length)), end: end + length + 2 };
    }
    case "*": {
      const list: RedisAnswer[] = [];
      let at = end;
      for (let left = Number(line); left > 0; left--) {
        const { answer, end: next } = readAnswer(bytes, at);
        list.push(answer);
        at = next;
      }
      return { answer: list, end: at };
    }
    default:
      return { answer: line, end };
  }
}
