/**
 * A shell that outlives us just long enough to clean up. It waits for the end of its standard input,
 * which comes when we close it or when we die, however that happens; then it ends the process that
 * it was told to watch (its group too) and removes the folder.
 */
const SCRIPT = `
trap '' INT TERM HUP QUIT
dir=$1
pid=$2
signal=$3
while read -r verb id name; do
  case $verb in
    watch) pid=$id; signal=$name ;;
    gone) pid= ;;
  esac
done
if [ -n "$pid" ]; then
  kill -s "$signal" "$pid" 2>/dev/null
  tries=0
  while [ "$tries" -lt 50 ] && kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -s KILL -- "-$pid" 2>/dev/null
fi
if [ -n "$dir" ]; then rm -rf -- "$dir"; fi
`;

/** What a {@linkcode Guardian} looks after from its start. */
export interface GuardianOptions {
  /** Folder that it removes at the end, whoever ends first. */
  readonly dir?: string;
  /** Process to end when we end. */
  readonly pid?: number;
  /** The signal that ends it best, without its `SIG`. */
  readonly signal?: string;
}

/** Ends a child process and removes its folder when this process ends without having done so. */
export class Guardian implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #closed: Promise<void> | undefined;

  /** Starts the shell; with a process given, it is watched from the very start. */
  constructor({ dir = "", pid, signal = "KILL" }: GuardianOptions) {
    this.#child = new Deno.Command("sh", {
      args: ["-c", SCRIPT, "guardian", dir, pid === undefined ? "" : String(pid), signal],
      cwd: "/",
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    this.#child.unref();
    this.#input = this.#child.stdin.getWriter();
  }

  /** Names another process to end and the signal that ends it best. */
  watch(pid: number, signal: string): Promise<void> {
    return this.#write(`watch ${pid} ${signal}\n`);
  }

  /** The process has ended: its number may soon be somebody else's. */
  gone(): Promise<void> {
    return this.#write("gone\n");
  }

  /** Ends what is still watched, removes the folder, and waits for both. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#child.ref();
    await this.#input.close();
    await this.#child.status;
  }

  async #write(line: string): Promise<void> {
    if (this.#closed === undefined) await this.#input.write(new TextEncoder().encode(line));
  }
}
