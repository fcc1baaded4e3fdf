import { Guardian } from "./_guardian.ts";
import { LineBuffer } from "./_line_buffer.ts";
import { taskCommand } from "./task_command.ts";
import { DeadlineError } from "./wait_until.ts";

/** What {@linkcode startProcess} may be told. */
export interface ProcessOptions {
  /** Folder to run in; this process's own if left out. */
  readonly cwd?: string;
  /** Environment variables beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether the child sees only `env` and not this process's own variables.
   *
   * @default {false}
   */
  readonly clearEnv?: boolean;
}

/** How a process ended. */
export interface ProcessEnd {
  /** Exit code; 128 + the signal's number after a signal. */
  readonly code: number;
  /** The signal that ended it, if one did. */
  readonly signal: Deno.Signal | null;
}

/** Which line, and for how long to wait. */
export interface WaitForLineOptions {
  /**
   * Longest wait, in ms.
   *
   * @default {30_000}
   */
  readonly timeoutMs?: number;
  /**
   * How many lines of {@linkcode RunningProcess.lines} to skip.
   *
   * @default {0}
   */
  readonly after?: number;
}

/**
 * Starts a program in a process group of its own, its output collected. It is killed when this
 * process dies.
 *
 * @example
 * ```ts
 * import { startProcess } from "./process.ts";
 * async function example() {
 *   await using child = startProcess(["deno", "eval", "console.log('ready')"]);
 *   await child.waitForLine(/^ready$/);
 *   const { code } = await child.end();
 *   return code;
 * }
 * ```
 */
export function startProcess(
  command: readonly [string, ...string[]],
  options: ProcessOptions = {},
): RunningProcess {
  const [program, ...args] = command;
  const { cwd, env = {}, clearEnv = false } = options;
  const child = new Deno.Command(program, {
    args,
    env: { ...env },
    clearEnv,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
  return new RunningProcess(child, command.join(" "));
}

/**
 * Starts what `deno task NAME ARGS…` runs, with its permissions, but without the shell between: its
 * number and signals are the job's own.
 *
 * @throws {Error} if deno.json has no such task or it needs a shell.
 *
 * @example
 * ```ts
 * import { startTask } from "./process.ts";
 * async function example() {
 *   await using stream = await startTask("stream", ["--workers", "2"]);
 *   await stream.kill9();
 * }
 * ```
 */
export async function startTask(
  name: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Promise<RunningProcess> {
  const task = await taskCommand(name);
  return startProcess([Deno.execPath(), ...task.args, ...args], { cwd: task.cwd, ...options });
}

/** A child process: its output so far, its signals, its end. */
export class RunningProcess implements AsyncDisposable {
  /** The process's number, also its group's. */
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #command: string;
  readonly #guardian: Guardian;
  readonly #buffer = new LineBuffer();
  readonly #ended: Promise<ProcessEnd>;
  #running = true;

  /** Takes over a child whose output is piped; `command` names it in messages. */
  constructor(child: Deno.ChildProcess, command: string) {
    this.pid = child.pid;
    this.#child = child;
    this.#guardian = new Guardian({ pid: child.pid });
    this.#command = command;
    this.#ended = this.#watch();
  }

  /** Lines of standard output and standard error, in the order of arrival. */
  get lines(): readonly string[] {
    return this.#buffer.lines;
  }

  /** All output as one text. */
  get output(): string {
    return this.#buffer.text;
  }

  /** Whether the process has not ended yet. */
  get running(): boolean {
    return this.#running;
  }

  /**
   * Waits for a line that matches, among those that came already too.
   *
   * @throws {DeadlineError} if none comes in time.
   * @throws {Error} if the process ends before.
   */
  async waitForLine(pattern: RegExp, options: WaitForLineOptions = {}): Promise<string> {
    const { timeoutMs = 30_000, after = 0 } = options;
    const found = await this.#buffer.find(pattern, { after, timeoutMs });
    if (found !== undefined) return found;
    const tail = this.lines.slice(-30).join("\n");
    if (this.#buffer.closed) {
      throw new Error(`"${this.#command}" ended without a line like ${pattern}:\n${tail}`);
    }
    throw new DeadlineError(
      `Waited ${timeoutMs} ms for a line like ${pattern} of "${this.#command}", in vain:\n${tail}`,
    );
  }

  /** Sends a signal; returns `false` if the process has ended already. */
  signal(signal: Deno.Signal): boolean {
    if (!this.#running) return false;
    this.#child.kill(signal);
    return true;
  }

  /** Asks it to finish, as Ctrl-C does, and waits for the end; kills it after `timeoutMs`. */
  async interrupt(timeoutMs = 30_000): Promise<ProcessEnd> {
    this.signal("SIGINT");
    return await this.end(timeoutMs);
  }

  /** Kills it as `kill -9` does, with the processes of its group, and waits for the end. */
  async kill9(): Promise<ProcessEnd> {
    if (this.#running) killGroup(this.pid);
    return await this.#ended;
  }

  /** Freezes the process, as a long pause of the machine would. */
  pause(): void {
    this.signal("SIGSTOP");
  }

  /** Lets it go on after {@linkcode pause}. */
  resume(): void {
    this.signal("SIGCONT");
  }

  /**
   * Waits for the end and all output.
   *
   * @throws {DeadlineError} if it has not ended after `timeoutMs`; it is killed then.
   */
  async end(timeoutMs = 60_000): Promise<ProcessEnd> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (this.#running) killGroup(this.pid);
    }, timeoutMs);
    const end = await this.#ended;
    clearTimeout(timer);
    if (!late) return end;
    throw new DeadlineError(
      `"${this.#command}" did not end within ${timeoutMs} ms:\n${this.lines.slice(-30).join("\n")}`,
    );
  }

  /** Kills it if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill9();
  }

  async #watch(): Promise<ProcessEnd> {
    const pumps = [this.#buffer.pump(this.#child.stdout), this.#buffer.pump(this.#child.stderr)];
    const { code, signal } = await this.#child.status;
    this.#running = false;
    await this.#guardian.gone();
    await Promise.all([...pumps, this.#guardian.close()]);
    this.#buffer.close();
    return { code, signal };
  }
}

/** Ends a whole process group at once. */
function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
