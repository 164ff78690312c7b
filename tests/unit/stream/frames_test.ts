import { assertEquals } from "@std/assert";
import { type Frame, FrameReader, MOST_LINE_BYTES } from "../../../src/stream/frames.ts";
import { withChance } from "../../support/seeded.ts";

const TWEETS = [
  '{"data":{"id":"1","text":"日本語のテキスト、絵文字つき 👩🏽‍🏫🏳️‍🌈"}}',
  '{"data":{"id":"2","text":"مرحبا بالعالم — שלום"}}',
  '{"data":{"id":"3","text":"é vs é, and a \\r\\n inside"}}',
];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Keep-alives at the start, glued between tweets, and at the end. */
function streamWith(lineEnd: string): Uint8Array {
  const [first, second, third] = TWEETS;
  return encoder.encode(["", first, second, "", "", third, "", ""].join(lineEnd));
}

/** What the frames were, lines as text. A line that is torn does not decode. */
function described(frames: readonly Frame[]): string[] {
  return frames.map((frame) => frame.kind === "line" ? decoder.decode(frame.line) : frame.kind);
}

function readIn(chunks: readonly Uint8Array[]): string[] {
  const reader = new FrameReader();
  // The chunk's memory is overwritten afterwards, as a network layer may do.
  return chunks.flatMap((chunk) => {
    const own = chunk.slice();
    const frames = reader.push(own);
    own.fill(0);
    return described(frames);
  });
}

const EXPECTED = ["keep_alive", TWEETS[0]!, TWEETS[1]!, "keep_alive", "keep_alive", TWEETS[2]!, "keep_alive"];

for (const lineEnd of ["\r\n", "\n"]) {
  const name = JSON.stringify(lineEnd);

  Deno.test(`a tweet is intact wherever the stream is cut in two, line ends ${name}`, () => {
    const bytes = streamWith(lineEnd);
    for (let at = 0; at <= bytes.length; at++) {
      assertEquals(readIn([bytes.subarray(0, at), bytes.subarray(at)]), EXPECTED, `cut at byte ${at}`);
    }
  });

  Deno.test(`a tweet is intact when every byte comes alone, line ends ${name}`, () => {
    assertEquals(readIn([...streamWith(lineEnd)].map((byte) => Uint8Array.of(byte))), EXPECTED);
  });

  Deno.test(`a tweet is intact in chunks of any size, line ends ${name}`, async () => {
    await withChance((chance) => {
      const bytes = streamWith(lineEnd);
      for (let round = 0; round < 200; round++) {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length;) {
          const size = 1 + Math.floor(chance() * 40);
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        assertEquals(readIn(chunks), EXPECTED);
      }
    });
  });
}

Deno.test("several tweets in one chunk are several lines", () => {
  assertEquals(readIn([streamWith("\r\n")]), EXPECTED);
});

Deno.test("a line that is too long is skipped and told with its length and its start; the next one is intact", () => {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  const piece = encoder.encode("x".repeat(100_000));
  for (let sent = 0; sent < 50; sent++) frames.push(...reader.push(piece));
  frames.push(...reader.push(encoder.encode(`\r\n${TWEETS[0]}\r\n`)));
  assertEquals(frames.length, 2);
  const [first, second] = frames;
  assertEquals(first?.kind === "too_long" && { bytes: first.bytes, start: first.start.length }, {
    bytes: 5_000_001,
    start: 200,
  });
  assertEquals(described([second!]), [TWEETS[0]!]);
});

Deno.test("a line that is too long and comes at once is skipped as well", () => {
  const reader = new FrameReader();
  const frames = reader.push(encoder.encode(`${"x".repeat(MOST_LINE_BYTES + 5)}\n\n${TWEETS[1]}\n`));
  assertEquals(described(frames), ["too_long", "keep_alive", TWEETS[1]!]);
  assertEquals(frames[0]?.kind === "too_long" && [frames[0].bytes, frames[0].start.length], [MOST_LINE_BYTES + 5, 200]);
});

Deno.test("a line keeps no more memory than what came with it, though its chunk is a view of a large buffer", () => {
  const reader = new FrameReader();
  const bytes = encoder.encode(`${TWEETS[0]}\n${TWEETS[1]}\n`);
  const buffer = new Uint8Array(65_536);
  buffer.set(bytes);
  const frames = reader.push(buffer.subarray(0, bytes.length));
  assertEquals(
    frames.map((frame) => frame.kind === "line" && frame.line.buffer.byteLength),
    [bytes.length, bytes.length],
  );
});

Deno.test("a line of exactly the limit is kept", () => {
  const reader = new FrameReader();
  const [frame] = reader.push(encoder.encode(`${"x".repeat(MOST_LINE_BYTES)}\n`));
  assertEquals(frame?.kind === "line" && frame.line.length, MOST_LINE_BYTES);
});

Deno.test("what is unfinished at the end is known", () => {
  const reader = new FrameReader();
  assertEquals(reader.push(encoder.encode('{"data":{"id":"1","te')), []);
  assertEquals(reader.unfinishedBytes, 21);
  reader.push(encoder.encode('xt":""}}\r\n'));
  assertEquals(reader.unfinishedBytes, 0);
});
