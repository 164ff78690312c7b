import { assert, assertEquals, assertRejects } from "@std/assert";
import { painted, type Place, watch } from "../../../src/cli/status/watch.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { waitUntil } from "../../support/wait_until.ts";

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";

function terminal(isTerminal: boolean): Place & { written: string[]; screen: { columns: number; rows: number } } {
  const place = {
    isTerminal,
    written: [] as string[],
    screen: { columns: 80, rows: 24 },
    size: () => place.screen,
    write: (text: string) => void place.written.push(text),
  };
  return place;
}

Deno.test("it looks again every two seconds, in the size that the terminal has then, and restores it at the end", async () => {
  const place = terminal(true);
  const clock = new FakeClock();
  const ending = new AbortController();
  const widths: number[] = [];
  const look = (width: number) => Promise.resolve(`look ${widths.push(width)}\n`);
  const running = watch(look, { clock, place, isLines: false, signal: ending.signal });
  await waitUntil(() => clock.pending > 0, { what: "the first wait" });
  place.screen = { columns: 50, rows: 10 };
  await clock.advance(1_999);
  assertEquals(widths, [80]);
  await clock.advance(1);
  await waitUntil(() => clock.pending > 0, { what: "the second wait" });
  assertEquals(widths, [80, 50]);
  ending.abort("SIGINT received");
  await running;
  assertEquals(place.written, [
    ENTER,
    "\u001b[Hlook 1\u001b[K\u001b[J",
    "\u001b[Hlook 2\u001b[K\u001b[J",
    LEAVE,
  ]);
});

Deno.test("the terminal is restored when a look fails", async () => {
  const place = terminal(true);
  const look = () => Promise.reject(new Error("a bug"));
  const { signal } = new AbortController();
  await assertRejects(() => watch(look, { clock: new FakeClock(), place, isLines: false, signal }), Error, "a bug");
  assertEquals(place.written, [ENTER, LEAVE]);
});

Deno.test("a reader that has gone ends it as with `| head`", async () => {
  const place = terminal(true);
  place.write = (text) => {
    place.written.push(text);
    if (text !== ENTER) throw new Deno.errors.BrokenPipe("gone");
  };
  const { signal } = new AbortController();
  const look = () => Promise.resolve("x\n");
  await assertRejects(
    () => watch(look, { clock: new FakeClock(), place, isLines: false, signal }),
    Deno.errors.BrokenPipe,
  );
});

Deno.test("elsewhere than on a terminal, and for programs, nothing is painted", async () => {
  for (const [isTerminal, isLines, expected] of [[false, false, "a look\n\n"], [true, true, "a look\n"]] as const) {
    const place = terminal(isTerminal);
    const clock = new FakeClock();
    const ending = new AbortController();
    const running = watch(() => Promise.resolve("a look\n"), { clock, place, isLines, signal: ending.signal });
    await waitUntil(() => clock.pending > 0, { what: "the wait" });
    ending.abort();
    await running;
    assertEquals(place.written, [expected]);
  }
});

Deno.test("what has no room on the screen is counted in its last line but one, and lines are cut", () => {
  const text = Array.from({ length: 9 }, (_, line) => `line ${line}\n`).join("");
  const lines = painted(text, { columns: 6, rows: 5 }).split("\r\n");
  assertEquals(lines, [
    "\u001b[Hline 0\u001b[K",
    "line 1\u001b[K",
    "line 2\u001b[K",
    "6 more\u001b[K\u001b[J",
  ]);
  assertEquals(painted("機機機機\n", { columns: 5, rows: 5 }), "\u001b[H機機\u001b[K\u001b[J");
  assert(painted(text, { columns: 80, rows: 1 }).includes("9 more lines; Ctrl-C ends"));
});

Deno.test("whoever asks it to stop does not wait for a look that hangs", async () => {
  const place = terminal(true);
  const ending = new AbortController();
  const hangs = () => new Promise<string>(() => {});
  const running = watch(hangs, { clock: new FakeClock(), place, isLines: false, signal: ending.signal });
  ending.abort("SIGINT received");
  await running;
  assertEquals(place.written, [ENTER, LEAVE]);
});
