/** Memory of a process, in bytes. */
export interface ProcessMemory {
  /** Resident set now. */
  readonly rss: number;
  /** Largest resident set so far. */
  readonly peakRss: number;
}

/**
 * Finds the resident set in the text of Linux's `/proc/PID/status`; its format: proc(5).
 *
 * @throws {Error} if it is not there, as for a process that has ended.
 *
 * @example
 * ```ts
 * import { parseMemory } from "./process_memory.ts";
 * const { rss } = parseMemory("VmHWM:\t    200 kB\nVmRSS:\t    100 kB\n");
 * if (rss !== 102_400) throw new Error("Unexpected size");
 * ```
 */
export function parseMemory(status: string): ProcessMemory {
  return { rss: field(status, "VmRSS"), peakRss: field(status, "VmHWM") };
}

/**
 * Reads how much memory the process `pid` holds. Linux only.
 *
 * @throws {Error} if the process has ended.
 *
 * @example
 * ```ts
 * import { processMemory } from "./process_memory.ts";
 * async function example() {
 *   const { rss } = await processMemory(Deno.pid);
 *   return rss / 2 ** 20;
 * }
 * ```
 */
export async function processMemory(pid: number): Promise<ProcessMemory> {
  return parseMemory(await Deno.readTextFile(`/proc/${pid}/status`));
}

function field(status: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1];
  if (kilobytes === undefined) {
    throw new Error(`Cannot find "${name}" in the process's status: it may have ended`);
  }
  return Number(kilobytes) * 1024;
}
