/** The way to X: private CAs and proxies, for the stream and for everything that goes through the library alike. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Simulator, SIMULATOR_TOKEN, startSimulator } from "../../src/simulate/simulator.ts";
import { startAnswerTap } from "../support/answer_tap.ts";
import { withoutTraptor } from "../support/collecting.ts";
import { startConnectProxy } from "../support/connect_proxy.ts";
import { freePort } from "../support/free_port.ts";
import { startHttp2Front } from "../support/http2_front.ts";
import { linesBelow } from "../support/line_files.ts";
import { withFolder } from "../support/test_folder.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

const TLS = new URL("../data/tls/", import.meta.url).pathname;
const CERTIFICATE = {
  cert: Deno.readTextFileSync(`${TLS}/cert.pem`),
  key: Deno.readTextFileSync(`${TLS}/key.pem`),
};
/** Deno, where it runs the program from source, would ask for a newer Deno by the same proxy. */
const NO_UPDATE_CHECK = { DENO_NO_UPDATE_CHECK: "1" };
/** What a collector asks for among others: its rules, their change, the stream, and which connection is its own. */
const ASKED = [
  "GET /2/connections",
  "GET /2/tweets/search/stream",
  "GET /2/tweets/search/stream/rules",
  "POST /2/tweets/search/stream/rules",
];

function withRules(run: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/rules.txt`, "deno\n");
    await run(folder);
  });
}

/**
 * Collects into files by a way to the simulator, through a cut in the middle of a line and an announced disconnect, and
 * compares: every line that was handed over is there, byte for byte, and nothing else.
 */
async function collectBy(url: string, simulator: Simulator, env: Record<string, string>): Promise<void> {
  await withRules(async (folder) => {
    const args = ["--sink", "file:tweets", "--state-dir", "state", "--rules", "file:rules.txt", "--api-url", url];
    const own = { ...NO_UPDATE_CHECK, BEARER_TOKEN: simulator.token };
    await using collector = startTraptor(args, { cwd: folder, env: { ...own, ...env } });
    const sent = async (count: number) => {
      const end = simulator.sent().length + count;
      await waitUntil(() => simulator.sent().length >= end, { what: `tweets:\n${collector.stderr}`, withinMs: 60_000 });
    };
    await collector.says(/Connected to X/);
    for (const fault of ["cut-line", "disconnect"] as const) {
      await sent(20);
      simulator.fault(fault);
      await waitUntil(() => simulator.connections().some(({ closeReason }) => closeReason === fault), { what: fault });
    }
    await sent(20);
    simulator.pause();
    const arrived = async () => (await linesBelow(`${folder}/tweets`)).map(withoutTraptor);
    const last = simulator.sent().at(-1)!.line!;
    await waitUntil(async () => (await arrived()).includes(last), { what: `the last:\n${collector.stderr}` });
    const { code, stderr } = await collector.end();
    assertEquals(code, 0, stderr);
    assertEquals((await arrived()).toSorted(), simulator.sent().map(({ line }) => line!).toSorted());
  });
  const asked = requestsOf(simulator);
  assertEquals(ASKED.filter((request) => !asked.includes(request)), []);
}

/** What the simulator was asked for: method and path. */
function requestsOf(simulator: Simulator): string[] {
  return simulator.requests().map(({ method, path }) => `${method} ${path}`).toSorted();
}

Deno.test("rules and stream go over HTTP/2 where the server speaks it", async () => {
  const simulator = await startSimulator({ rate: 50 });
  await using front = await startHttp2Front(simulator.url);
  await collectBy(front.url, simulator, { X_CA_FILE: `${TLS}/ca.pem` });
  assertEquals(new Set(front.firstLines), new Set(["PRI * HTTP/2.0"]));
  // Nothing has come to the simulator by another way.
  assertEquals(front.requests.toSorted(), requestsOf(simulator));
  await simulator.close();
});

Deno.test("rules and stream are understood when they come compressed", async () => {
  const simulator = await startSimulator({ rate: 50, gzip: true });
  await using tap = startAnswerTap(simulator.port);
  await collectBy(tap.url, simulator, {});
  const heads = tap.heads();
  assertEquals(heads.filter((head) => !head.includes("content-encoding: gzip")), []);
  assert(heads.some((head) => head.includes("transfer-encoding: chunked")), "no stream was seen");
  await simulator.close();
});

Deno.test("rules and stream go through the proxy, with a private CA as well", async () => {
  const simulator = await startSimulator({ rate: 50, tls: CERTIFICATE });
  await using proxy = startConnectProxy(simulator.port);
  // Nothing listens there: who comes to the simulator all the same comes through the proxy.
  const address = `localhost:${freePort()}`;
  await collectBy(`https://${address}`, simulator, { X_CA_FILE: `${TLS}/ca.pem`, HTTPS_PROXY: proxy.url });
  assertEquals(new Set(proxy.asked), new Set([`CONNECT ${address} HTTP/1.1`]));
  await simulator.close();
});

Deno.test("HTTP/2 and the proxy go together", async () => {
  const simulator = await startSimulator({ rate: 50 });
  await using front = await startHttp2Front(simulator.url);
  await using proxy = startConnectProxy(Number(new URL(front.url).port));
  await collectBy(`https://localhost:${freePort()}`, simulator, { X_CA_FILE: `${TLS}/ca.pem`, HTTPS_PROXY: proxy.url });
  assertEquals(new Set(front.firstLines), new Set(["PRI * HTTP/2.0"]));
  assertEquals(front.firstLines.length, proxy.asked.length);
  await simulator.close();
});

Deno.test("a private CA in X_CA_FILE is trusted for rules and stream; without it the certificate is refused", async () => {
  const simulator = await startSimulator({ rate: 50, tls: CERTIFICATE });
  await withRules(async (folder) => {
    const args = ["--test", "--limit", "3", "--rules", "file:rules.txt", "--api-url", simulator.url];
    const env = { BEARER_TOKEN: simulator.token };
    const trusted = await runTraptor(args, { cwd: folder, env: { ...env, X_CA_FILE: `${TLS}/ca.pem` } });
    assertEquals(trusted.code, 0, trusted.stderr);
    assertEquals(trusted.stdout.trimEnd().split("\n").length, 3);

    await using untrusted = startTraptor(args, { cwd: folder, env });
    await untrusted.says(/X cannot be reached: .*certificate/);
  });
  await simulator.close();
});

Deno.test("HTTPS_PROXY is asked for the way to X, NO_PROXY leaves it out", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked = (async () => {
    using connection = await listener.accept();
    const bytes = new Uint8Array(1_000);
    return new TextDecoder().decode(bytes.subarray(0, await connection.read(bytes) ?? 0));
  })();
  await withRules(async (folder) => {
    const args = ["--test", "--rules", "file:rules.txt", "--api-url", "https://x.invalid"];
    const env = { ...NO_UPDATE_CHECK, BEARER_TOKEN: "t", HTTPS_PROXY: `http://127.0.0.1:${listener.addr.port}` };
    await using proxied = startTraptor(args, { cwd: folder, env });
    const request = await Promise.race([asked, proxied.ended.then(({ stderr }) => `nothing: ${stderr}`)]);
    assertMatch(request, /^CONNECT x\.invalid:443 HTTP\/1\.1\r\n/);
    await proxied.end();

    await using direct = startTraptor(args, { cwd: folder, env: { ...env, NO_PROXY: "x.invalid" } });
    await direct.says(/X cannot be reached: .*(dns|lookup|resolve)/i);
  });
});

Deno.test("`traptor simulate` speaks TLS with a certificate, and says what is wrong with one", async () => {
  const certificate = ["--tls-cert", `${TLS}/cert.pem`, "--tls-key", `${TLS}/key.pem`];
  await using simulator = startTraptor(["simulate", "--rate", "50", ...certificate]);
  await simulator.says(/The simulator listens at https:\/\/localhost:\d+; its token is/);
  const url = /https:\/\/localhost:\d+/.exec(simulator.stderr)![0];
  await withRules(async (folder) => {
    const args = ["--test", "--limit", "3", "--rules", "file:rules.txt", "--api-url", url];
    const env = { BEARER_TOKEN: SIMULATOR_TOKEN, X_CA_FILE: `${TLS}/ca.pem` };
    const { code, stderr } = await runTraptor(args, { cwd: folder, env });
    assertEquals(code, 0, stderr);
  });
  const half = await runTraptor(["simulate", "--tls-cert", `${TLS}/cert.pem`]);
  assertEquals([half.code, half.stderr.split("\n").length], [64, 3], half.stderr);
  const wrong = await runTraptor(["simulate", "--tls-cert", `${TLS}/README.md`, "--tls-key", `${TLS}/key.pem`]);
  assertEquals([wrong.code, wrong.stderr.split("\n").length], [64, 3], wrong.stderr);
});
