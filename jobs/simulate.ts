/**
 * `deno task simulate`: a Mastodon server on this machine that plays a generated or recorded
 * stream.
 *
 * @module
 */
import {
  DEFAULT_TOKEN,
  generatorSource,
  type Pace,
  replaySource,
  type Simulator,
  type SimulatorSource,
  startSimulator,
} from "../mod/mastodon/simulator/mod.ts";
import { integerFlag, type JobContext, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print } from "../mod/ops/terminal.ts";

type Flags = JobContext["flags"];

/** Frames a second where no pace is given: brisk enough to watch. */
const DEFAULT_RATE = 50;
const REPORT_MS = 10_000;

if (import.meta.main) {
  await runJob({
    name: "simulate",
    summary: "Runs a Mastodon server on this machine that plays a made-up or recorded stream.",
    flags: {
      port: { type: "string", value: "N", help: "Port on 127.0.0.1 (4000; 0 for any)." },
      seed: { type: "string", value: "N", help: "Same seed, same stream (42)." },
      events: { type: "string", value: "N", help: "How many events to make up (6000)." },
      days: { type: "string", value: "N", help: "Simulated days they are spread over (3)." },
      start: { type: "string", value: "DATE", help: "Simulated start (2026-01-05T00:00:00Z)." },
      replay: { type: "string", value: "FILE", help: "Plays Status entities, one JSON a line." },
      speed: { type: "string", value: "N", help: "N times the simulated time, or max." },
      rate: { type: "string", value: "N", help: `Events a second, or max (${DEFAULT_RATE}).` },
      token: { type: "string", value: "TEXT", help: `The token it takes (${DEFAULT_TOKEN}).` },
      away: { type: "string", value: "MODE", help: "While nobody listens: pause or continue." },
      once: { type: "boolean", help: "Ends when everything has been sent." },
    },
    run: async ({ flags, signal }) => {
      await using sim = await start(flags);
      print(instructions(sim));
      await serve(sim, { signal, once: flags["once"] === true });
      print(JSON.stringify(sim.ledger, null, 2));
    },
  });
}

async function start(flags: Flags): Promise<Simulator> {
  try {
    return await startSimulator({
      source: sourceOf(flags),
      port: integerFlag(flags, { name: "port", min: 0, max: 65_535, fallback: 4000 }),
      token: textFlag(flags, "token") ?? DEFAULT_TOKEN,
      pace: paceOf(flags),
      whileAway: awayOf(flags),
      // Payloads are what a test looks at; here they would only fill memory.
      ledger: { keepPayloads: false },
    });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new JobError("Cannot listen: the port is taken, give another one with --port");
    }
    throw error instanceof RangeError ? new JobError(error.message) : error;
  }
}

function sourceOf(flags: Flags): SimulatorSource {
  const file = textFlag(flags, "replay");
  if (file !== null) {
    try {
      Deno.openSync(file).close();
    } catch {
      throw new JobError(`Cannot read "${file}": give --replay a file of one Status a line`);
    }
    return replaySource(file);
  }
  const start = textFlag(flags, "start");
  return generatorSource({
    seed: integerFlag(flags, {
      name: "seed",
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      fallback: 42,
    }),
    events: integerFlag(flags, { name: "events", min: 0, max: 1e9, fallback: 6000 }),
    days: integerFlag(flags, { name: "days", min: 1, max: 3660, fallback: 3 }),
    ...(start === null ? {} : { start }),
  });
}

function paceOf(flags: Flags): Pace {
  const [rate, speed] = [textFlag(flags, "rate"), textFlag(flags, "speed")];
  if (rate !== null && speed !== null) throw new JobError("Give --rate or --speed, not both");
  if (rate === "max" || speed === "max") return "max";
  if (speed !== null) return { speed: positive("speed", speed) };
  return { rate: rate === null ? DEFAULT_RATE : positive("rate", rate) };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value < Infinity) return value;
  throw new JobError(`--${name} holds "${text}": it should be a positive number or max`);
}

function awayOf(flags: Flags): "pause" | "continue" {
  const away = textFlag(flags, "away") ?? "pause";
  if (away === "pause" || away === "continue") return away;
  throw new JobError(`--away holds "${away}": it should be pause or continue`);
}

function instructions(sim: Simulator): string {
  return [
    `Mastodon simulator on ${sim.url}; it starts to play when somebody subscribes.`,
    "In another terminal:",
    "",
    `  MASTODON_BASE_URL=${sim.url} MASTODON_ACCESS_TOKEN=${sim.token} deno task ingest`,
    "",
    "Ctrl-C ends it.",
  ].join("\n");
}

/** Reports now and then until the end that was asked for. */
async function serve(
  sim: Simulator,
  { signal, once }: { signal: AbortSignal; once: boolean },
): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  let reported = 0;
  const timer = setInterval(() => {
    if (sim.played === reported) return;
    reported = sim.played;
    print(`${reported} events played, ${sim.connections} connected`);
  }, REPORT_MS);
  try {
    const played = await Promise.race([sim.finished, stopped]);
    if (played !== true || once) return;
    print(`All ${sim.played} events played; the timeline stays up`);
    await stopped;
  } finally {
    clearInterval(timer);
  }
}
