/**
 * What the demo plays: a seeded stream or a recorded file, each under an instance name of its own,
 * so that two of them cannot be taken for one.
 *
 * @module
 */
import { generatorSource, replaySource, type SimulatorSource } from "../mastodon/simulator/mod.ts";
import { JobError } from "../ops/job.ts";

/** What to play. */
export type DemoChoice =
  | { readonly kind: "generated"; readonly seed: number; readonly events: number }
  | { readonly kind: "replay"; readonly path: string };

/** Something to play, and the name of the instance that plays it. */
export interface DemoSource {
  readonly source: SimulatorSource;
  /** Equal for equal streams only. */
  readonly domain: string;
  /** For people. */
  readonly label: string;
  /** How many frames there will be. */
  readonly frames: number;
}

/** The stream of `deno task demo` without flags. */
export const DEFAULT_DEMO = { kind: "generated", seed: 42, events: 6000 } as const;

/**
 * Prepares what was chosen.
 *
 * @throws {JobError} if the recorded file cannot be read
 */
export async function demoSource(choice: DemoChoice): Promise<DemoSource> {
  if (choice.kind === "generated") {
    const { seed, events } = choice;
    const isDefault = seed === DEFAULT_DEMO.seed && events === DEFAULT_DEMO.events;
    const domain = isDefault ? "pulse.example" : `seed-${seed}-of-${events}.pulse.example`;
    return {
      source: generatorSource({ seed, events, domain }),
      domain,
      label: `a made-up instance over three days (seed ${seed})`,
      frames: events,
    };
  }
  const bytes = await readRecording(choice.path);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 12);
  return {
    source: replaySource(choice.path),
    domain: `replay-${hash}.pulse.example`,
    label: `the recorded toots of ${choice.path}`,
    frames: countLines(bytes),
  };
}

async function readRecording(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch {
    throw new JobError(`Cannot read "${path}": give --replay a file of one Status a line`);
  }
}

/** Lines as the replay plays them: what follows the last line end is one unless it is empty. */
function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === 10) lines++;
  return bytes.length > 0 && bytes.at(-1) !== 10 ? lines + 1 : lines;
}
