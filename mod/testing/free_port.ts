/**
 * Ports below the range from which Linux (32768–60999) and macOS (49152–65535) take the source ports
 * of outgoing connections. A port inside it could be taken by a client while its server is down for
 * a restart: the client's own reconnects to loopback can even meet themselves on it.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;

const given = new Set<number>();

/**
 * Finds a TCP port on which nothing listens on 127.0.0.1, outside the range of ephemeral ports, and
 * gives none twice in one process.
 *
 * @throws {Error} if 200 random ports are all in use.
 *
 * @example
 * ```ts
 * import { freePort } from "./free_port.ts";
 * function example() {
 *   const listener = Deno.listen({ hostname: "127.0.0.1", port: freePort() });
 *   listener.close();
 * }
 * ```
 */
export function freePort(): number {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (given.has(port) || !isFree(port)) continue;
    given.add(port);
    return port;
  }
  throw new Error(
    `Cannot find a free port between ${FIRST_PORT} and ${LAST_PORT}: stop some of the servers there`,
  );
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/**
 * Tells whether something accepts TCP connections at `port` of 127.0.0.1.
 *
 * @example
 * ```ts
 * import { isListening } from "./free_port.ts";
 * async function example() {
 *   const up: boolean = await isListening(5432);
 *   return up;
 * }
 * ```
 */
export async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
