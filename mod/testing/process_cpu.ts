/** Linux counts processor time in hundredths of a second, whatever its own tick: proc(5), USER_HZ. */
const TICKS_PER_S = 100;

/**
 * Finds the processor time in the text of Linux's `/proc/PID/stat`, in seconds: of all threads, in
 * user and in kernel mode; its format: proc(5).
 *
 * @throws {Error} if it is not there.
 *
 * @example
 * ```ts
 * import { parseCpu } from "./process_cpu.ts";
 * const seconds = parseCpu("7 (deno) S 1 7 7 0 -1 4194304 9 0 0 0 150 50 0 0 20 0 9 0 1 2 3");
 * if (seconds !== 2) throw new Error("Unexpected time");
 * ```
 */
export function parseCpu(stat: string): number {
  // The program's name stands in brackets and may hold blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 1).trim().split(/\s+/);
  const [user, system] = [fields[11] ?? "", fields[12] ?? ""];
  if (!/^\d+$/.test(user) || !/^\d+$/.test(system)) {
    throw new Error("Cannot find the processor time in the process's stat: it may have ended");
  }
  return (Number(user) + Number(system)) / TICKS_PER_S;
}

/**
 * Reads how much processor time the process `pid` has used, in seconds. Linux only.
 *
 * @throws {Error} if the process has ended.
 *
 * @example
 * ```ts
 * import { processCpu } from "./process_cpu.ts";
 * async function example() {
 *   const before = await processCpu(Deno.pid);
 *   return await processCpu(Deno.pid) - before;
 * }
 * ```
 */
export async function processCpu(pid: number): Promise<number> {
  return parseCpu(await Deno.readTextFile(`/proc/${pid}/stat`));
}
