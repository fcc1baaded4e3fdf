import { assertEquals, assertStringIncludes } from "@std/assert";
import { brokerErrorType, isBrokerError, isPermanent, unreachable } from "./_kafka_failure.ts";
import { LogUnreachableError } from "./log_errors.ts";

const address = { brokers: ["a:9092", "b:9092"], tls: false, login: null };

function failure(name: string, message: string, extra: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { name, ...extra });
}

Deno.test("unreachable() names the brokers, the cause and the cure", () => {
  const login = { mechanism: "plain", username: "ann" };
  const cases: [Error, Partial<typeof address> | { login: typeof login }, string][] = [
    [failure("KafkaJSConnectionError", "connect ECONNREFUSED"), {}, "start it or correct"],
    [failure("KafkaJSConnectionError", "Connection timeout"), {}, "does not answer"],
    [failure("KafkaJSConnectionError", "getaddrinfo ENOTFOUND a"), {}, "no known address"],
    [failure("KafkaJSConnectionError", "self-signed certificate"), { tls: true }, "DENO_CERT"],
    [failure("KafkaJSSASLAuthenticationError", "Bad"), { login }, 'login of "ann" by plain (Bad)'],
    [failure("X", "No", { type: "GROUP_AUTHORIZATION_FAILED" }), { login }, 'permit this to "ann"'],
    [failure("KafkaJSNotImplemented", "Snappy compression not implemented"), {}, "with gzip"],
    [failure("KafkaJSConnectionClosedError", "Closed connection"), {}, "KAFKA_SSL=true"],
    [
      failure("KafkaJSConnectionClosedError", "Closed connection"),
      { tls: true },
      "unset KAFKA_SSL",
    ],
  ];
  for (const [error, change, expected] of cases) {
    const outer = new Error("outer", { cause: error });
    const { message } = unreachable(outer, { ...address, ...change });
    assertStringIncludes(message, 'Kafka at "a:9092,b:9092"');
    assertStringIncludes(message, expected);
    assertEquals(message.includes("\n"), false);
  }
});

Deno.test("unreachable() keeps what says it already", () => {
  const error = new LogUnreachableError("Gone: start it");
  assertEquals(unreachable(error, address), error);
});

Deno.test("a broker's error is found however deep it lies", () => {
  const inner = failure("KafkaJSProtocolError", "no", { type: "TOPIC_AUTHORIZATION_FAILED" });
  const outer = new Error("retries exceeded", { cause: new Error("x", { cause: inner }) });
  assertEquals(brokerErrorType(outer), "TOPIC_AUTHORIZATION_FAILED");
  assertEquals(isBrokerError(outer, "TOPIC_AUTHORIZATION_FAILED"), true);
  assertEquals(isBrokerError(outer, "OTHER"), false);
  assertEquals([isPermanent(outer), isPermanent(new Error("x"))], [true, false]);
  const loop: Error = new Error("loop");
  loop.cause = loop;
  assertEquals(brokerErrorType(loop), null);
});
