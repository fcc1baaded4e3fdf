import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { plainSource } from "./simulator/_test_client.ts";
import { startSimulator } from "./simulator/mod.ts";
import { discoverServer, ServerError } from "./server.ts";
import { checkToken, streamingHealth } from "./token_check.ts";

function simulator(version?: string) {
  return startSimulator({
    source: plainSource(0),
    domain: "Pulse.Example",
    faults: [],
    ...(version === undefined ? {} : { version }),
  });
}

/** A server that gives one answer to everything. */
function serve(status: number, body: string) {
  return Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(body, { status }),
  );
}

/** The error of a server that cannot be followed. */
async function refusal(url: string): Promise<ServerError> {
  return await assertRejects(() => discoverServer(url), ServerError);
}

Deno.test("discoverServer() reads both descriptions", async () => {
  for (const version of ["4.5.0", "4.3.1+glitch", "3.5.0", "v3.10.2"]) {
    await using sim = await simulator(version);
    assertEquals(await discoverServer(`${sim.url}/`), {
      baseUrl: sim.url,
      instance: "pulse.example",
      streamingUrl: sim.streamingUrl,
      version,
    });
  }
});

Deno.test("discoverServer() says so if the server is too old", async () => {
  for (const version of ["3.4.10", "2.9.4", "1.0"]) {
    await using sim = await simulator(version);
    const { message, transient } = await refusal(sim.url);
    assertEquals(
      message,
      `${sim.url} runs Mastodon "${version}": version 3.5 or later is needed, so choose another ` +
        "server in MASTODON_BASE_URL",
    );
    assert(!transient);
  }
});

Deno.test("discoverServer() says so if there is no Mastodon server, or none at all", async () => {
  for (const body of ["<html>", "{}", '{"domain":5}', "null"]) {
    await using server = serve(200, body);
    const url = `http://127.0.0.1:${server.addr.port}`;
    const { message, transient } = await refusal(url);
    assertEquals(
      message,
      `${url} does not describe itself as a Mastodon server does: check MASTODON_BASE_URL`,
    );
    assert(!transient);
  }
  const gone = await refusal("http://no-such-host.invalid");
  assert(/^Cannot reach http:\/\/no-such-host.invalid \(.*dns error.*\): /.test(gone.message));
  assert(gone.transient);
});

Deno.test("discoverServer() tells a server that is down from one that says no", async () => {
  for (
    const [status, what] of [[503, "busy or down"], [429, "busy or down"], [403, "check"]] as const
  ) {
    await using server = serve(status, "");
    const { message, transient } = await refusal(`http://127.0.0.1:${server.addr.port}`);
    assertStringIncludes(message, what);
    assert(transient);
  }
});

Deno.test("checkToken() and streamingHealth() tell what the server says", async () => {
  await using sim = await simulator();
  const server = await discoverServer(sim.url);
  assertEquals(await checkToken(server, { token: sim.token }), "good");
  assertEquals(await checkToken(server, { token: "other" }), "refused");
  assertEquals((await streamingHealth(server)).isUp, true);
  await sim.inject({ kind: "refuse", status: 503, ms: 60_000, retryAfter: 7 });
  assertEquals(await checkToken(server, { token: sim.token }), "unknown");
  assertEquals(await streamingHealth(server), {
    detail: "its health page says 503",
    isUp: false,
    retryAfterMs: 7000,
  });
});
