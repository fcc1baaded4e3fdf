import { Daemon } from "./_daemon.ts";
import { postgresBin, type ServerUser, serverUser, socketParent } from "./_postgres_tools.ts";
import { runTool } from "./_run_tool.ts";
import { freePort } from "./free_port.ts";
import { tempDir } from "./temp_dir.ts";

/** What {@linkcode startPostgres} may be told. */
export interface PostgresOptions {
  /**
   * The superuser's name.
   *
   * @default {"pulse"}
   */
  readonly user?: string;
  /** The superuser's password (SCRAM-SHA-256); without one, everybody on loopback is let in. */
  readonly password?: string;
  /**
   * A database to create.
   *
   * @default {"pulse"}
   */
  readonly database?: string;
  /**
   * Server settings, such as `{ max_connections: "20" }`. PostgreSQL's own defaults hold for the
   * rest, so commits are durable.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Longest wait for a start, in ms.
   *
   * @default {60_000}
   */
  readonly timeoutMs?: number;
}

/** A running PostgreSQL server of this process's own. */
export interface PostgresServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** Folder of the Unix socket, `host` for clients that prefer it to TCP. */
  readonly socketDir: string;
  /** "postgresql://USER:PASSWORD@127.0.0.1:PORT/DATABASE". */
  readonly url: string;
  /** "jdbc:postgresql://127.0.0.1:PORT/DATABASE": user and password go elsewhere. */
  readonly jdbcUrl: string;
  /** The server's first process while it runs. */
  readonly pid: number | undefined;
  /** Ends every session and stops in order (PostgreSQL's "fast" shutdown), keeping the data. */
  stop(): Promise<void>;
  /** Stops at once as a crash would ("immediate" shutdown): the next start recovers from the log. */
  immediateStop(): Promise<void>;
  /** Starts the server again on the same port and data and waits until it takes connections. */
  start(): Promise<void>;
  /** Runs SQL through psql in this server's database; returns unaligned rows without headings. */
  psql(sql: string): Promise<string>;
  /** The end of the server's log. */
  logTail(lines?: number): Promise<string>;
}

/**
 * Starts a real PostgreSQL server on a free port of 127.0.0.1 with its data and its Unix socket in a
 * temporary folder, and waits until it takes connections. Disposing of it stops it and removes the
 * folder; the same happens when this process dies. As root it runs as the user `postgres`.
 *
 * @throws {Error} with the end of the server's log if it does not start in time.
 *
 * @example
 * ```ts
 * import { startPostgres } from "./postgres.ts";
 * async function example() {
 *   await using server = await startPostgres({ settings: { max_connections: "20" } });
 *   await server.psql("CREATE TABLE t (n int)");
 *   await server.immediateStop();
 *   await server.start();
 *   return server.url;
 * }
 * ```
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = await postgresBin();
  const runAs = await serverUser();
  const parent = await socketParent(runAs);
  const { path: dir } = await tempDir({ prefix: "mastodon-pulse-pg-", parent });
  if (runAs !== undefined) await Deno.chown(dir, runAs.uid, runAs.gid);
  const cluster = new Cluster(options, { bin, dir, runAs, port: freePort() });
  try {
    await cluster.prepare();
    await cluster.start();
    await cluster.createDatabase();
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

interface Place {
  readonly bin: string;
  readonly dir: string;
  readonly runAs: ServerUser | undefined;
  readonly port: number;
}

class Cluster implements PostgresServer {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly socketDir: string;
  readonly #place: Place;
  readonly #daemon: Daemon;
  readonly #timeoutMs: number;

  constructor(options: PostgresOptions, place: Place) {
    const { bin, dir, port, runAs } = place;
    this.port = port;
    this.user = options.user ?? "pulse";
    this.password = options.password;
    this.database = options.database ?? "pulse";
    this.socketDir = dir;
    this.#place = place;
    this.#timeoutMs = options.timeoutMs ?? 60_000;
    const settings = Object.entries({
      listen_addresses: this.host,
      port: String(port),
      unix_socket_directories: dir,
      ...options.settings,
    });
    this.#daemon = new Daemon({
      name: "PostgreSQL",
      dir,
      command: asUser(runAs, [
        `${bin}/postgres`,
        "-D",
        `${dir}/data`,
        ...settings.flatMap(([key, value]) => ["-c", `${key}=${value}`]),
      ]),
      stopSignal: "SIGINT",
      orphanSignal: "QUIT",
    });
  }

  get url(): string {
    const { user, password, host, port, database } = this;
    const login = encodeURIComponent(user) +
      (password === undefined ? "" : `:${encodeURIComponent(password)}`);
    return `postgresql://${login}@${host}:${port}/${encodeURIComponent(database)}`;
  }

  get jdbcUrl(): string {
    return `jdbc:postgresql://${this.host}:${this.port}/${encodeURIComponent(this.database)}`;
  }

  get pid(): number | undefined {
    return this.#daemon.pid;
  }

  /** Makes the data folder. */
  async prepare(): Promise<void> {
    const { bin, dir, runAs } = this.#place;
    const args = ["-D", `${dir}/data`, "-U", this.user, "-E", "UTF8", "--locale=C.UTF-8"];
    args.push("--no-sync", "--no-instructions");
    if (this.password === undefined) {
      args.push("--auth=trust");
    } else {
      const file = `${dir}/password`;
      await Deno.writeTextFile(file, `${this.password}\n`, { mode: 0o600 });
      if (runAs !== undefined) await Deno.chown(file, runAs.uid, runAs.gid);
      args.push("--auth=scram-sha-256", `--pwfile=${file}`);
    }
    await runTool(asUser(runAs, [`${bin}/initdb`, ...args]), {
      purpose: "make PostgreSQL's data folder",
      cwd: dir,
    });
  }

  /** Creates the database that was asked for, unless initdb has made it already. */
  async createDatabase(): Promise<void> {
    if (this.database === "postgres") return;
    await runTool([`${this.#place.bin}/createdb`, ...this.#login(), this.database], {
      purpose: `create database "${this.database}"`,
      env: this.#clientEnv(),
    });
  }

  async start(): Promise<void> {
    await this.#daemon.start({
      isReady: async (log) =>
        log.includes("ready to accept connections") && await this.#acceptsConnections(),
      timeoutMs: this.#timeoutMs,
    });
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }

  async immediateStop(): Promise<void> {
    await this.#daemon.signal("SIGQUIT");
  }

  async psql(sql: string): Promise<string> {
    const args = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", ...this.#login()];
    const output = await runTool(
      [`${this.#place.bin}/psql`, ...args, "-d", this.database, "-c", sql],
      { purpose: `run "${sql}"`, env: this.#clientEnv() },
    );
    return output.trimEnd();
  }

  logTail(lines?: number): Promise<string> {
    return this.#daemon.logTail(lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What its data says after the end matters to nobody: no need to wait for a checkpoint.
    await this.immediateStop();
    await this.#daemon[Symbol.asyncDispose]();
  }

  async #acceptsConnections(): Promise<boolean> {
    const { success } = await new Deno.Command(`${this.#place.bin}/pg_isready`, {
      args: ["-q", ...this.#login()],
      env: this.#clientEnv(),
      stdin: "null",
    }).output();
    return success;
  }

  #login(): string[] {
    return ["-h", this.host, "-p", String(this.port), "-U", this.user];
  }

  #clientEnv(): Record<string, string> {
    return this.password === undefined ? {} : { PGPASSWORD: this.password };
  }
}

function asUser(
  user: ServerUser | undefined,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  return user === undefined ? command : [...user.prefix, ...command];
}
