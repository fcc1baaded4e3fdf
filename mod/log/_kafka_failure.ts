import { LogUnreachableError } from "./log_errors.ts";

/** What of the settings an error message may name. */
export interface KafkaAddress {
  readonly brokers: readonly string[];
  readonly tls: boolean;
  readonly login: { readonly mechanism: string; readonly username: string } | null;
}

const PERMANENT = new Set(["KafkaJSSASLAuthenticationError", "KafkaJSNotImplemented"]);

/** An error and what caused it, outermost first. */
function causes(error: unknown): Error[] {
  const found: Error[] = [];
  for (let e = error; e instanceof Error && found.length < 10; e = e.cause) found.push(e);
  return found;
}

/** kafkajs's name for a broker's error code, such as `UNKNOWN_TOPIC_OR_PARTITION`. */
export function brokerErrorType(error: unknown): string | null {
  for (const e of causes(error)) {
    if ("type" in e && typeof e.type === "string") return e.type;
  }
  return null;
}

/** Whether the cause is one of these broker's errors. */
export function isBrokerError(error: unknown, ...types: string[]): boolean {
  const type = brokerErrorType(error);
  return type !== null && types.includes(type);
}

/** Whether it is of no use to try again: somebody has to change a setting or a permission. */
export function isPermanent(error: unknown): boolean {
  if (causes(error).some(({ name }) => PERMANENT.has(name))) return true;
  return /_AUTHORIZATION_FAILED$/.test(brokerErrorType(error) ?? "");
}

/** Whether an error of this log's is an outage, which is waited out. */
export function isLogOutage(error: unknown): boolean {
  return error instanceof LogUnreachableError && !isPermanent(error);
}

/** One line that says why Kafka cannot be reached and what to do. */
export function unreachable(error: unknown, address: KafkaAddress): LogUnreachableError {
  if (error instanceof LogUnreachableError) return error;
  const chain = causes(error);
  const said = (chain.at(-1)?.message ?? String(error)).replaceAll(/\s+/g, " ").trim();
  return new LogUnreachableError(explain(said, { chain, address }), { cause: error });
}

function explain(
  said: string,
  { chain, address }: { chain: readonly Error[]; address: KafkaAddress },
): string {
  const where = `Kafka at "${address.brokers.join(",")}"`;
  const { login, tls } = address;
  if (chain.some((e) => e.name === "KafkaJSSASLAuthenticationError")) {
    return `${where} refuses the login of "${login?.username}" by ${login?.mechanism} (${said}): ` +
      "correct KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM";
  }
  if (/_AUTHORIZATION_FAILED$/.test(brokerErrorType(chain[0]) ?? "")) {
    return `${where} does not permit this to "${login?.username ?? "anonymous"}" (${said}): ` +
      "grant that user the topics and the consumer group";
  }
  if (chain.some((e) => e.name === "KafkaJSNotImplemented")) {
    return `${where} holds records that cannot be read (${said}): have them written without ` +
      "compression or with gzip";
  }
  if (/certificate|UnknownIssuer|self.signed/i.test(said)) {
    return `${where} shows a certificate that is not trusted (${said}): correct KAFKA_BROKERS, ` +
      "or name the authority's file in DENO_CERT";
  }
  if (/ENOTFOUND|EAI_AGAIN|resolve|lookup/i.test(said)) {
    return `${where} has no known address (${said}): correct KAFKA_BROKERS`;
  }
  if (/ECONNREFUSED|refused|timeout|timed out|ETIMEDOUT|EHOSTUNREACH/i.test(said)) {
    return `${where} does not answer (${said}): start it or correct KAFKA_BROKERS`;
  }
  const guesses = [
    tls ? "unset KAFKA_SSL if it speaks no TLS" : "set KAFKA_SSL=true if it speaks TLS",
  ];
  if (login === null) guesses.unshift("set KAFKA_SASL_… if it asks for a login");
  return `${where} does not serve us (${said}): ${guesses.join(", ")}`;
}
