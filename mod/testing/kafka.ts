import { Daemon } from "./_daemon.ts";
import { formatArgs, LOG4J_XML, serverProperties } from "./_kafka_config.ts";
import { runTool } from "./_run_tool.ts";
import { type Certificate, makeCertificate } from "./_certificate.ts";
import { freePort, isListening } from "./free_port.ts";
import { kafkaJars } from "./kafka_jars.ts";
import { tempDir } from "./temp_dir.ts";

/** What {@linkcode startKafka} may be told. */
export interface KafkaOptions {
  /** Asks clients to log in, by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly sasl?: { readonly username: string; readonly password: string };
  /**
   * Encrypts the clients' connections with a certificate made for this broker.
   *
   * @default {false}
   */
  readonly tls?: boolean;
  /** More broker properties, such as `{ "message.max.bytes": "2000000" }`. */
  readonly properties?: Readonly<Record<string, string>>;
  /**
   * Largest Java heap in MiB.
   *
   * @default {768}
   */
  readonly heapMb?: number;
  /**
   * Longest wait for a start, in ms.
   *
   * @default {90_000}
   */
  readonly timeoutMs?: number;
}

/** A running Kafka broker of this process's own. */
export interface KafkaServer extends AsyncDisposable {
  /** Where clients connect: "127.0.0.1:PORT". */
  readonly bootstrap: string;
  /** The certificate that clients must trust, as PEM; only with `tls`. */
  readonly caCertificate: string | undefined;
  /** The temporary folder with the broker's configuration, log and data. */
  readonly dir: string;
  /** The broker's process while it runs. */
  readonly pid: number | undefined;
  /** Kills the broker as `kill -9` does and waits until it is gone. */
  kill9(): Promise<void>;
  /** Stops the broker in order, keeping its data. */
  stop(): Promise<void>;
  /** Starts the broker again on the same ports and data, after an orderly stop if it still runs. */
  restart(): Promise<void>;
  /** The end of the broker's log. */
  logTail(lines?: number): Promise<string>;
}

/**
 * Starts a real Kafka broker (one KRaft node) on free ports of 127.0.0.1 with its data in a
 * temporary folder, and waits until it serves clients. It creates no topic by itself. Disposing of
 * it stops it and removes the folder; the same happens when this process dies.
 *
 * Java and, for the first start on a machine, Maven must be installed.
 *
 * @throws {Error} with the end of the broker's log if it does not start in time.
 *
 * @example
 * ```ts
 * import { startKafka } from "./kafka.ts";
 * async function example() {
 *   await using kafka = await startKafka();
 *   const brokers: string[] = [kafka.bootstrap];
 *   await kafka.kill9();
 *   await kafka.restart();
 *   return brokers;
 * }
 * ```
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const classPath = `${await kafkaJars()}/*`;
  const { path: dir } = await tempDir({ prefix: "mastodon-pulse-kafka-" });
  const java = javaProgram();
  const heap = options.heapMb ?? 768;
  const daemon = new Daemon({
    name: "Kafka",
    dir,
    command: [
      java,
      `-Xms${Math.min(heap, 256)}m`,
      `-Xmx${heap}m`,
      `-Dlog4j.configurationFile=${dir}/log4j2.xml`,
      "-cp",
      classPath,
      "kafka.Kafka",
      `${dir}/server.properties`,
    ],
    stopSignal: "SIGTERM",
    orphanSignal: "KILL",
  });
  const { timeoutMs = 90_000 } = options;
  const broker = new Broker(daemon, { dir, port: freePort(), timeoutMs });
  try {
    await broker.prepare({ java, classPath, options });
    await broker.restart();
    return broker;
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
}

class Broker implements KafkaServer {
  readonly bootstrap: string;
  readonly dir: string;
  readonly #daemon: Daemon;
  readonly #port: number;
  readonly #timeoutMs: number;
  #certificate: Certificate | undefined;

  constructor(
    daemon: Daemon,
    { dir, port, timeoutMs }: { dir: string; port: number; timeoutMs: number },
  ) {
    this.dir = dir;
    this.bootstrap = `127.0.0.1:${port}`;
    this.#daemon = daemon;
    this.#port = port;
    this.#timeoutMs = timeoutMs;
  }

  get pid(): number | undefined {
    return this.#daemon.pid;
  }

  get caCertificate(): string | undefined {
    return this.#certificate?.pem;
  }

  /** Writes the configuration and lays out the data folder. */
  async prepare(
    { java, classPath, options }: {
      java: string;
      classPath: string;
      options: KafkaOptions;
    },
  ): Promise<void> {
    const { dir } = this;
    const { sasl, tls = false, properties } = options;
    if (tls) this.#certificate = await makeCertificate(dir);
    const configFile = `${dir}/server.properties`;
    const config = serverProperties({
      dataDir: `${dir}/data`,
      port: this.#port,
      controllerPort: freePort(),
      internalPort: freePort(),
      ...(sasl === undefined ? {} : { sasl }),
      ...(this.#certificate === undefined ? {} : { tls: this.#certificate }),
      ...(properties === undefined ? {} : { properties }),
    });
    await Deno.writeTextFile(configFile, config);
    await Deno.writeTextFile(`${dir}/log4j2.xml`, LOG4J_XML);
    await runTool(
      [java, "-cp", classPath, "kafka.tools.StorageTool", ...formatArgs(configFile, sasl)],
      { purpose: "lay out Kafka's data folder", cwd: dir },
    );
  }

  async kill9(): Promise<void> {
    await this.#daemon.signal("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }

  async restart(): Promise<void> {
    await this.#daemon.stop();
    await this.#daemon.start({
      isReady: (log) => log.includes("Kafka Server started") && isListening(this.#port),
      timeoutMs: this.#timeoutMs,
    });
  }

  logTail(lines?: number): Promise<string> {
    return this.#daemon.logTail(lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What its data says after the end matters to nobody: no need for the slow orderly stop.
    await this.kill9();
    await this.#daemon[Symbol.asyncDispose]();
  }
}

function javaProgram(): string {
  const home = Deno.env.get("JAVA_HOME");
  return home === undefined || home === "" ? "java" : `${home}/bin/java`;
}
