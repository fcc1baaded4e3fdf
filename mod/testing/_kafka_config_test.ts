import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { formatArgs, serverProperties } from "./_kafka_config.ts";

const ports = { dataDir: "/tmp/d", port: 1, controllerPort: 2, internalPort: 3 };
const sasl = { username: "alice", password: "secret" };

Deno.test("serverProperties() listens on loopback only", () => {
  const listeners = serverProperties(ports).match(/^listeners=(.*)$/m)?.[1]?.split(",");
  assertEquals(listeners?.length, 3);
  for (const listener of listeners ?? []) {
    assert(/:\/\/127\.0\.0\.1:\d+$/.test(listener), listener);
  }
});

Deno.test("serverProperties() names the clients' protocol after SASL and TLS", () => {
  const tls = { keystore: "/tmp/k", keystorePassword: "p" };
  assertStringIncludes(serverProperties(ports), "CLIENT:PLAINTEXT,");
  assertStringIncludes(serverProperties({ ...ports, sasl }), "CLIENT:SASL_PLAINTEXT,");
  assertStringIncludes(serverProperties({ ...ports, tls }), "CLIENT:SSL,");
  assertStringIncludes(serverProperties({ ...ports, sasl, tls }), "CLIENT:SASL_SSL,");
});

Deno.test("serverProperties() lets the caller's properties win", () => {
  const text = serverProperties({ ...ports, properties: { "node.id": "7" } });
  assertStringIncludes(text, "node.id=7\n");
  assertFalse(text.includes("node.id=1\n"));
});

Deno.test("formatArgs() makes SCRAM users only if SASL is on", () => {
  assertFalse(formatArgs("/tmp/c", undefined).includes("--add-scram"));
  assert(formatArgs("/tmp/c", sasl).includes("SCRAM-SHA-256=[name=alice,password=secret]"));
});
