import { Kafka, type KafkaConfig, logLevel, type RetryOptions, type SASLOptions } from "kafkajs";
import { decodeFetchesFast, kafkaSocket } from "./_kafkajs_fetch.ts";
import { quietIdleConnections } from "./_kafkajs_timers.ts";
import { writeVarintsInPlace } from "./_kafkajs_varint.ts";
import type { KafkaAddress } from "./_kafka_failure.ts";
import type { Outages } from "./_kafka_outages.ts";

/** A login to Kafka. */
export interface KafkaLogin {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
}

/** How to reach Kafka. */
export interface KafkaConnection {
  /** Bootstrap brokers as `host:port`. */
  readonly brokers: readonly string[];
  /** TLS, with the system's authorities or those given as PEM. @default {false} */
  readonly tls?: boolean | { readonly ca: readonly string[] };
  /** Null: no login. */
  readonly login?: KafkaLogin | null;
  /** The name under which the brokers see us. @default {"mastodon-pulse"} */
  readonly clientId?: string;
}

/**
 * Tries for about half a minute, which covers the restart of a broker: the consumer keeps its place
 * in the group and the producer its sequence numbers. Tried with kill -9 of a broker.
 */
export const PATIENT: RetryOptions = { initialRetryTime: 100, maxRetryTime: 1000, retries: 40 };

/** For the first contact, whose failure somebody waits to read. */
export const BRISK: RetryOptions = { initialRetryTime: 100, maxRetryTime: 500, retries: 3 };

/** The settings of the connection that messages may name. */
export function addressOf({ brokers, tls = false, login = null }: KafkaConnection): KafkaAddress {
  return { brokers, tls: tls !== false, login };
}

/**
 * A kafkajs client. One for each producer or consumer: kafkajs shares what it knows of committed
 * offsets among the consumers of one client, and they would clear each other's.
 */
export function kafkaClient(
  connection: KafkaConnection,
  { outages, retry }: { outages: Outages; retry: RetryOptions },
): Kafka {
  quietIdleConnections();
  decodeFetchesFast();
  writeVarintsInPlace();
  const { brokers, tls = false, login = null, clientId = "mastodon-pulse" } = connection;
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    requestTimeout: 5000,
    socketFactory: kafkaSocket,
    authenticationTimeout: 5000,
    retry,
    logLevel: logLevel.ERROR,
    logCreator: () => ({ namespace, log }) => {
      if (namespace === "Connection" && /^Connection (error|timeout)/.test(log.message)) {
        const why = log.message.replace(/^Connection error: /, "").toLowerCase();
        outages.failed(String(log.broker), why);
      } else if (!outages.any && isWorthSaying(namespace, log.message)) {
        outages.complain(`Kafka client: ${log.message}`);
      }
    },
  };
  if (tls !== false) config.ssl = tls === true ? true : { ca: [...tls.ca] };
  if (login !== null) config.sasl = saslOptions(login);
  return new Kafka(config);
}

/** Crashes and failed requests end in an error of our own; connections speak for themselves. */
function isWorthSaying(namespace: string, message: string): boolean {
  return namespace !== "Connection" && namespace !== "Consumer" && namespace !== "Runner" &&
    !/^(Failed to connect|Connection|Closed connection|Not connected|The request was given up)/
      .test(message);
}

function saslOptions({ mechanism, username, password }: KafkaLogin): SASLOptions {
  const user = { username, password };
  switch (mechanism) {
    case "plain":
      return { mechanism, ...user };
    case "scram-sha-256":
      return { mechanism, ...user };
    case "scram-sha-512":
      return { mechanism, ...user };
  }
}
