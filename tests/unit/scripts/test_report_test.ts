/**
 * What the test task makes of the output of `deno test`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { readIgnored, readNumbers, summaryLines } from "../../../scripts/run/test_report.ts";

Deno.test("numbers come from the last summary, colours and steps aside", () => {
  const output = [
    "ok | 1 passed | 0 failed (1ms)",
    "\x1b[0m\x1b[31mFAILED\x1b[0m | 12 passed (3 steps) | 3 failed (1 step) | 2 ignored (1 step) \x1b[38;5;245m(644ms)\x1b[0m",
    "",
    "error: Test failed",
  ].join("\n");
  assertEquals(readNumbers(output), { passed: 12, failed: 3, ignored: 2 });
  assertEquals(readNumbers("ok | 7 passed | 0 failed (11ms)\n"), { passed: 7, failed: 0, ignored: 0 });
  assertEquals(readNumbers("error: Module not found"), undefined);
});

Deno.test("ignored tests are named as they were written, without steps and without those that ran", () => {
  const junit = `<testsuites name="deno test">
    <testsuite name="./a_test.ts" tests="4">
        <testcase name="a &lt;b&gt; &amp;amp; &quot;c&quot; (ignored: no redis-server)" classname="./a_test.ts">
            <skipped/>
        </testcase>
        <testcase name="ran" classname="./a_test.ts">
        </testcase>
        <testcase name="ran &gt; a step" classname="./a_test.ts">
            <skipped/>
        </testcase>
        <testcase name="failed" classname="./a_test.ts">
            <failure message="&lt;skipped/>">Error</failure>
        </testcase>
    </testsuite>
</testsuites>`;
  assertEquals(readIgnored(junit), ['a <b> &amp; "c" (ignored: no redis-server)']);
});

Deno.test("the last line has the numbers, skipped ones only where there are any", () => {
  assertEquals(summaryLines({ passed: 3, failed: 0, ignored: 0 }, []), ["3 passed, 0 failed"]);
  assertEquals(summaryLines({ passed: 3, failed: 1, ignored: 1 }, ["x (ignored: y)", "z"]), [
    "x (ignored: y)",
    "z (ignored: no reason given)",
    "3 passed, 1 failed, 1 skipped",
  ]);
});
