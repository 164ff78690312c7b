import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startCollecting } from "../support/collecting.ts";
import { type Asked, type Given, recordedServer } from "../support/recorded_server.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";

const TLS = new URL("../data/tls/", import.meta.url).pathname;

/** Takes every document, and knows of each that it has it. */
function answer({ body, path }: Asked): Given {
  if (path.includes("/_bulk")) {
    const documents = body.split("\n").filter((line) => line !== "").length / 2;
    return { body: { errors: false, items: Array.from({ length: documents }, () => ({ index: { status: 201 } })) } };
  }
  if (!path.includes("/_mget")) return {};
  const ids: string[] = JSON.parse(body).ids;
  return { body: { docs: ids.map((id) => ({ _id: id, found: true })) } };
}

Deno.test("a private CA in ELASTICSEARCH_CA_FILE serves the collector and verify; without it the certificate is refused (recorded exchange)", async () => {
  const [cert, key] = ["cert.pem", "key.pem"].map((name) => Deno.readTextFileSync(TLS + name)) as [string, string];
  await using server = recordedServer(answer, { cert, key });
  const sink = ["--sink", `elasticsearch:${server.url}/tweets`, "--state-dir", "state"];
  await using run = await startCollecting(sink, { rules: "deno\n" });
  await run.collector.says(/does not answer: .*certificate/i);
  await run.collector.end();

  const trusting = { cwd: run.folder, env: { ELASTICSEARCH_CA_FILE: `${TLS}/ca.pem` } };
  const args = ["--api-url", run.simulator.url, "--rules", "file:rules.txt", "--limit", "5", ...sink];
  await using again = startTraptor(args, {
    ...trusting,
    env: { ...trusting.env, BEARER_TOKEN: run.simulator.token },
  });
  const { code, stderr } = await again.ended;
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /Stopped: \d+ tweets delivered, 0 left undelivered/);
  const verified = await runTraptor(["verify", ...sink], trusting);
  assertEquals(verified.code, 0, verified.stdout + verified.stderr);
  assertStringIncludes(verified.stdout, "must be there are there");
  const refused = await runTraptor(["verify", ...sink], { cwd: run.folder });
  assertEquals([refused.code, refused.stderr.includes("ertificate")], [69, true], refused.stderr);
});
