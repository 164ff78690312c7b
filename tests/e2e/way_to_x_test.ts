/** The way to X: private CAs and proxies, for the stream and for everything that goes through the library alike. */

import { assertEquals, assertMatch } from "@std/assert";
import { SIMULATOR_TOKEN, startSimulator } from "../../src/simulate/simulator.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";

const TLS = new URL("../data/tls/", import.meta.url).pathname;

async function withRules(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/rules.txt`, "deno\n");
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a private CA in X_CA_FILE is trusted for rules and stream; without it the certificate is refused", async () => {
  const [cert, key] = ["cert.pem", "key.pem"].map((name) => Deno.readTextFileSync(`${TLS}/${name}`)) as [
    string,
    string,
  ];
  const simulator = await startSimulator({ rate: 50, tls: { cert, key } });
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
    const env = { BEARER_TOKEN: "t", HTTPS_PROXY: `http://127.0.0.1:${listener.addr.port}` };
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
