/** What {@linkcode serverProperties} and {@linkcode formatArgs} write down. */
export interface BrokerConfig {
  readonly dataDir: string;
  /** Port for clients. */
  readonly port: number;
  /** Port on which the broker talks to itself as its own controller. */
  readonly controllerPort: number;
  /** Port on which the broker talks to itself as a broker. */
  readonly internalPort: number;
  readonly sasl?: { readonly username: string; readonly password: string };
  readonly tls?: { readonly keystore: string; readonly keystorePassword: string };
  /** More properties, which win over the rest. */
  readonly properties?: Readonly<Record<string, string>>;
}

/**
 * The `server.properties` of a single KRaft node that is its own controller. Clients come in by the
 * listener CLIENT, with SASL and TLS if asked for; the node's own traffic stays plain on loopback.
 * Property names: https://kafka.apache.org/documentation/#brokerconfigs
 */
export function serverProperties(config: BrokerConfig): string {
  const { port, controllerPort, internalPort, sasl, tls } = config;
  const transport = tls === undefined ? "PLAINTEXT" : "SSL";
  const protocol = sasl === undefined ? transport : `SASL_${transport}`;
  const properties: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "listeners": `CLIENT://127.0.0.1:${port},INTERNAL://127.0.0.1:${internalPort},` +
      `CONTROLLER://127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "INTERNAL",
    "listener.security.protocol.map": `CLIENT:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    "log.dirs": config.dataDir,
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    // A broker that was killed is let in again only when its old session has run out.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    ...(sasl === undefined ? {} : saslProperties(sasl)),
    ...(tls === undefined ? {} : tlsProperties(tls)),
    ...config.properties,
  };
  return Object.entries(properties).map(([key, value]) => `${key}=${value}\n`).join("");
}

/** Arguments for `kafka.tools.StorageTool`: it lays out the data folder and makes SCRAM users. */
export function formatArgs(configFile: string, sasl: BrokerConfig["sasl"]): string[] {
  // Any 16 bytes in base64 do as the cluster's id.
  const args = ["format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", configFile];
  if (sasl === undefined) return args;
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"]) {
    args.push("--add-scram", `${mechanism}=[name=${sasl.username},password=${sasl.password}]`);
  }
  return args;
}

/** Log4j 2's configuration: plain lines at INFO on standard output. */
export const LOG4J_XML = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d %p %c{1} - %m%n"/></Console>
  </Appenders>
  <Loggers>
    <Root level="INFO"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
`;

function saslProperties(
  { username, password }: { readonly username: string; readonly password: string },
): Record<string, string> {
  const plain = "org.apache.kafka.common.security.plain.PlainLoginModule";
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  return {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.client.plain.sasl.jaas.config":
      `${plain} required user_${username}="${password}";`,
    "listener.name.client.scram-sha-256.sasl.jaas.config": scram,
    "listener.name.client.scram-sha-512.sasl.jaas.config": scram,
  };
}

function tlsProperties(
  { keystore, keystorePassword }: { readonly keystore: string; readonly keystorePassword: string },
): Record<string, string> {
  return {
    "listener.name.client.ssl.keystore.type": "PKCS12",
    "listener.name.client.ssl.keystore.location": keystore,
    "listener.name.client.ssl.keystore.password": keystorePassword,
    "listener.name.client.ssl.key.password": keystorePassword,
  };
}
