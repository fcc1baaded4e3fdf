import type { Clock } from "./clock.ts";
import { quoted } from "./_quoted.ts";

/** For so long a server that repeats itself is not listened to, in ms. */
const REPEAT_MS = 60_000;
/** Different errors of one server that are told in that time: some have a number in each. */
const MAX_TOLD = 10;

/** Tells what a server says in band, but neither at length nor over and over again. */
export function toldErrors(
  { instance, token, clock, tell }: {
    instance: string;
    token: string | null;
    clock: Clock;
    tell: (line: string) => void;
  },
): (error: { message: string; status: number | null }) => void {
  const secrets = token === null ? [] : [token];
  const told = new Set<string>();
  let sinceMs = 0;
  return ({ message, status }) => {
    const nowMs = clock.now();
    // A clock that was set back must not silence it for as long.
    if (Math.abs(nowMs - sinceMs) >= REPEAT_MS) {
      told.clear();
      sinceMs = nowMs;
    }
    const line = `${instance} says: ${quoted(message, { secrets })} (${status})`;
    if (told.has(line) || told.size >= MAX_TOLD) return;
    told.add(line);
    tell(line);
  };
}
