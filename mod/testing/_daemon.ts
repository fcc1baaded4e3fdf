import { Guardian } from "./_guardian.ts";
import { waitUntil } from "./wait_until.ts";

/** A server of somebody else's that runs in a folder of its own. */
export interface DaemonOptions {
  /** What it is, for messages: "Kafka". */
  readonly name: string;
  /** Its folder, removed at the end. */
  readonly dir: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** Signal for an orderly stop. */
  readonly stopSignal: Deno.Signal;
  /** Signal that leaves nothing behind when we die, without its `SIG`. */
  readonly orphanSignal: string;
}

/** How to know that a daemon is ready. */
export interface ReadyOptions {
  /** Looks whether it is; gets what the daemon has logged since this start. */
  readonly isReady: (log: string) => boolean | Promise<boolean>;
  /** Longest wait, in ms. */
  readonly timeoutMs: number;
}

/** Longest wait for a process to end, in ms, before it is killed. */
const STOP_TIMEOUT_MS = 30_000;

/** Starts, stops and restarts one server process, its output kept in a log file. */
export class Daemon implements AsyncDisposable {
  readonly #options: DaemonOptions;
  readonly #guardian: Guardian;
  readonly #logFile: string;
  #running: { child: Deno.ChildProcess; ended: Promise<void> } | undefined;
  #logStart = 0;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#guardian = new Guardian({ dir: options.dir });
    this.#logFile = `${options.dir}/server.log`;
  }

  /** The process's number while it runs. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Starts the process and waits until it is ready. */
  async start(ready: ReadyOptions): Promise<void> {
    const { name, command, dir, orphanSignal } = this.#options;
    if (this.#running !== undefined) throw new Error(`${name} is running already: stop it first`);
    this.#logStart = (await this.log()).length;
    const child = new Deno.Command("sh", {
      args: ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', name, this.#logFile, ...command],
      cwd: dir,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    child.unref();
    const running = { child, ended: this.#watchEnd(child) };
    this.#running = running;
    await this.#guardian.watch(child.pid, orphanSignal);
    try {
      await waitUntil(() => this.#lookWhetherReady(ready), {
        what: `${name} to be ready`,
        timeoutMs: ready.timeoutMs,
        detail: () => this.logTail(),
      });
    } catch (error) {
      await this.signal("SIGKILL");
      throw error;
    }
  }

  /** Asks for an orderly end, waits for it, and kills after 30 s. */
  async stop(): Promise<void> {
    await this.signal(this.#options.stopSignal);
  }

  /** Sends `signal` and waits for the end of the process. */
  async signal(signal: Deno.Signal): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.child.ref();
    send(running.child, signal);
    const timer = setTimeout(() => send(running.child, "SIGKILL"), STOP_TIMEOUT_MS);
    await running.ended;
    clearTimeout(timer);
  }

  /** All that the process has written, over all its starts. */
  async log(): Promise<string> {
    try {
      return await Deno.readTextFile(this.#logFile);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** The last lines of the log. */
  async logTail(lines = 30): Promise<string> {
    return (await this.log()).trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** Stops the process and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#guardian.close();
  }

  async #lookWhetherReady(ready: ReadyOptions): Promise<boolean> {
    if (this.#running === undefined) {
      throw new Error(
        `${this.#options.name} ended before it was ready; its log ends with:\n` +
          `${await this.logTail()}`,
      );
    }
    return await ready.isReady((await this.log()).slice(this.#logStart));
  }

  async #watchEnd(child: Deno.ChildProcess): Promise<void> {
    await child.status;
    this.#running = undefined;
    await this.#guardian.gone();
  }
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It ended between our look and our signal.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}
