import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findProgram, runProgram } from "../support/programs.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { APP, instanceJson } from "../support/top_look.ts";
import { COMMAND, runtimeEnvironment, runTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

const ignoredBecause = findProgram("script") === undefined ? "script is not installed" : undefined;

Deno.test("top without a terminal says what to do instead", async () => {
  const { code, stderr, stdout } = await runTraptor(["top"]);
  assertEquals([code, stdout, stderr.trimEnd().split("\n").length], [64, "", 2]);
  assertStringIncludes(stderr, "traptor status --json");
});

for (const [name, ending] of [["q", "q"], ["Ctrl-C", "\u0003"], ["SIGTERM", undefined]] as const) {
  serviceTest({
    name: `top shows the rules in a terminal, obeys keys, and ${name} leaves the terminal as it was`,
    needs: ["redis"],
    ignoredBecause,
    async fn() {
      const { port } = await sharedRedis();
      const cli = (...args: string[]) => runProgram(["redis-cli", "-p", String(port), ...args]);
      const row = { value: "coffee", matches: 20, window_ms: 3_600_000, total: 1_234, rate: 12.3 };
      await cli("sadd", "traptor-track:0", "coffee");
      await cli("hset", "traptor:instances", `${APP}:aaaaaaaa`, instanceJson({ interval: 60_000 }, Date.now()));
      const field = JSON.stringify({ ...row, at: new Date().toISOString() });
      await cli("hset", `traptor:stats:${APP}:track:0`, "r1", field);

      const folder = await Deno.makeTempDir({ prefix: "traptor-top-" });
      const words = [...COMMAND, "top", "--redis-port", String(port)].map((word) => `'${word}'`).join(" ");
      const line = `stty cols 80 rows 24; stty -g >before; (echo $BASHPID >pid; exec ${words}); echo $? >code; ` +
        "stty -g >after";
      const child = new Deno.Command("script", {
        args: ["-qec", `bash -c "${line.replaceAll("$", "\\$")}"`, "/dev/null"],
        cwd: folder,
        env: { ...runtimeEnvironment(), HOME: folder, TERM: "xterm" },
        clearEnv: true,
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      let screen = "";
      const reading = (async () => {
        for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) screen += text;
      })();
      const keyboard = child.stdin.getWriter();
      const press = (keys: string) => keyboard.write(new TextEncoder().encode(keys));
      try {
        await waitUntil(() => screen.includes("1,234"), { what: "the rule is shown", withinMs: 60_000 });
        assertStringIncludes(screen, "alpha live");
        await press("t");
        await waitUntil(() => screen.includes("total▼"), { what: "the key is obeyed", withinMs: 30_000 });
        if (ending !== undefined) await press(ending);
        else Deno.kill(Number(await Deno.readTextFile(`${folder}/pid`)), "SIGTERM");
        await child.status;
        await reading;
        const read = (file: string) => Deno.readTextFile(`${folder}/${file}`);
        assertEquals((await read("code")).trim(), "0");
        assertEquals(await read("after"), await read("before"));
        assert(screen.lastIndexOf("\u001b[?1049l") > screen.lastIndexOf("\u001b[?2026l"), "the first screen is back");
        assert(screen.lastIndexOf("\u001b[?25h") > screen.lastIndexOf("\u001b[?25l"), "the cursor is back");
      } finally {
        await keyboard.close().catch(() => {});
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended.
        }
        await child.status;
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
