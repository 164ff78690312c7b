/**
 * Passes everything on to a server of HTTP/1.1 and keeps its answers as they were on the wire.
 *
 * @module
 */
import { Relay } from "./relay.ts";

export interface AnswerTap extends AsyncDisposable {
  readonly url: string;
  /** The heads of all answers so far, in lower case. */
  heads(): string[];
}

const HEAD = /HTTP\/1\.1 \d{3} [^]*?\r\n\r\n/g;

/** Starts it in front of a port of this machine. */
export function startAnswerTap(port: number): AnswerTap {
  const answers: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const relay = new Relay({
    listener,
    enter: () => Deno.connect({ hostname: "127.0.0.1", port }),
    onAnswer(connection, bytes) {
      answers[connection] = (answers[connection] ?? "") + new TextDecoder("latin1").decode(bytes);
    },
  });
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    heads: () => answers.flatMap((answer) => answer.match(HEAD) ?? []).map((head) => head.toLowerCase()),
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}
