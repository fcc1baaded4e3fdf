/**
 * The seeded generator: a stream of Mastodon events as a real server sends them, with everything
 * that goes wrong on one.
 *
 * Event times: every status is dated at most 25 s behind the newest one sent before it (on time
 * under a grace of 30 s, however the log is partitioned), or at least an hour behind (late however
 * it is partitioned), or in the year 2100 (in the future of any arrival).
 *
 * @module
 */
import type { Status } from "../entities.ts";
import { MAX_BEHIND_MS, Scene, type StatusPlan } from "./_scene.ts";
import { Agenda, planLife, type Step, type StepFrame } from "./_life.ts";
import type { FrameKind, SimulatorFrame, SimulatorSource } from "./frames.ts";
import { HOSTILE } from "./hostile.ts";
import { MALFORMED } from "./malformed.ts";
import { type GeneratorOptions, type ResolvedGeneratorOptions, resolveOptions } from "./options.ts";
import { rhythm } from "./rhythm.ts";

const FUTURE_MS = Date.parse("2100-01-01T00:00:00Z");

/** A source whose frames need no waiting. */
export interface GeneratorSource extends SimulatorSource {
  frames(): Iterable<SimulatorFrame>;
}

/**
 * A source that generates its frames: the same options give the same bytes, whatever the clock and
 * the machine.
 *
 * @throws {RangeError} If an option is out of range.
 * @example
 * ```ts
 * import { generatorSource } from "./generator.ts";
 * const source = generatorSource({ seed: 7, events: 50 });
 * const frames = [...source.frames()];
 * if (frames.length !== 50) throw new Error("expected 50 frames");
 * ```
 */
export function generatorSource(options: GeneratorOptions = {}): GeneratorSource {
  const resolved = resolveOptions(options);
  return {
    label: `generator, seed ${resolved.seed}, ${resolved.events} events`,
    frames: () => generate(resolved),
  };
}

function* generate(options: ResolvedGeneratorOptions): Generator<SimulatorFrame> {
  const scene = new Scene(options);
  const agenda = new Agenda();
  const cursor = { malformed: 0, hostile: 0, huge: 0 };
  const momentOf = rhythm(options);
  for (let index = 0; index < options.events; index++) {
    scene.share = index / options.events;
    scene.at = momentOf((index + scene.random.float()) / options.events);
    let frame: StepFrame | null = null;
    while (frame === null) {
      const step: Step = agenda.next(index) ??
        (() => begin(scene, { agenda, cursor, index, options }));
      frame = step();
    }
    yield { index, at: scene.at, ...frame };
  }
}

interface Context {
  readonly agenda: Agenda;
  readonly cursor: { malformed: number; hostile: number; huge: number };
  readonly index: number;
  readonly options: ResolvedGeneratorOptions;
}

/** Something new happens. */
function begin(scene: Scene, context: Context): StepFrame {
  const { options, cursor, index } = context;
  if (
    cursor.huge < options.hugeStatuses &&
    index >= Math.floor((options.events * (cursor.huge + 1)) / (options.hugeStatuses + 1))
  ) {
    cursor.huge++;
    const text = "Very long. ".repeat(Math.ceil(options.hugeBytes / 11)).slice(
      0,
      options.hugeBytes,
    );
    return single(scene, { kind: "huge", plan: { ...onTime(scene), text } });
  }
  const kind = drawKind(scene, options);
  switch (kind) {
    case "late": {
      const createdAt = scene.drawLateTime();
      if (createdAt === null) return toot(scene, { kind: "toot", context, plan: onTime(scene) });
      return toot(scene, { kind, context, plan: { author: scene.drawAuthor(), createdAt } });
    }
    case "straggler": {
      const createdAt = Math.max(0, scene.newest - scene.random.between(1000, MAX_BEHIND_MS));
      if (!Number.isFinite(scene.newest)) {
        return toot(scene, { kind: "toot", context, plan: onTime(scene) });
      }
      return toot(scene, { kind, context, plan: { author: scene.drawAuthor(), createdAt } });
    }
    case "future_dated": {
      const createdAt = FUTURE_MS + scene.random.below(86_400_000);
      return single(scene, { kind, plan: { author: willing(scene), createdAt } });
    }
    case "boost":
      return boost(scene);
    case "not_public": {
      const visibility = scene.random.pick(["unlisted", "private", "direct"] as const);
      return single(scene, {
        kind,
        plan: { ...onTime(scene), author: willing(scene), visibility },
      });
    }
    case "opted_out": {
      const author = scene.random.pick(scene.cast.optedOut);
      return single(scene, { kind, plan: { ...onTime(scene), author } });
    }
    case "hostile": {
      const make = HOSTILE[cursor.hostile++ % HOSTILE.length];
      const plan = { ...onTime(scene), ...(make === undefined ? {} : { hostile: make() }) };
      return toot(scene, { kind, context, plan });
    }
    case "media_only":
      return toot(scene, { kind, context, plan: { ...onTime(scene), text: "" } });
    case "malformed": {
      const plan = { ...onTime(scene), author: willing(scene) };
      const status = scene.makeStatus(plan);
      const broken = MALFORMED[cursor.malformed++ % MALFORMED.length];
      const parts = broken?.(status) ?? { event: "update", payload: "" };
      return { kind, statusId: null, ...parts };
    }
    case "ignored":
      return { kind, event: "filters_changed", payload: null, statusId: null };
    case "delete_unknown": {
      const id = scene.nextId(scene.at - scene.random.below(86_400_000));
      return { kind, event: "delete", payload: id, statusId: id };
    }
    default:
      return toot(scene, { kind: "toot", context, plan: onTime(scene) });
  }
}

/** Somebody posts just before the server hears of it. */
function onTime(scene: Scene): StatusPlan {
  return { author: scene.drawAuthor(), createdAt: scene.at - scene.random.between(200, 3000) };
}

/** Somebody who has not opted out and will not. */
function willing(scene: Scene) {
  for (;;) {
    const author = scene.drawAuthor();
    if (!scene.cast.laterOptOuts.has(author.account.id)) return author;
  }
}

/** A status that nothing else happens to. */
function single(scene: Scene, what: { kind: FrameKind; plan: StatusPlan }): StepFrame {
  const status = scene.makeStatus(what.plan);
  if (what.kind !== "future_dated") scene.newest = Math.max(scene.newest, what.plan.createdAt);
  return updateFrame(status, scene.hasOptedOut(status.account.id) ? "opted_out" : what.kind);
}

/** A toot, and whatever happens to it later. */
function toot(
  scene: Scene,
  what: { kind: FrameKind; context: Context; plan: StatusPlan },
): StepFrame {
  const { author, createdAt } = what.plan;
  if (scene.hasOptedOut(author.account.id)) return single(scene, { ...what, kind: "opted_out" });
  scene.newest = Math.max(scene.newest, createdAt);
  const status = scene.makeStatus(what.plan);
  const { agenda, index, options } = what.context;
  return planLife(scene, {
    status,
    createdAt,
    kind: what.kind,
    agenda,
    index,
    rates: options.rates,
  });
}

function boost(scene: Scene): StepFrame {
  const inner = scene.makeStatus(onTime(scene));
  const plan = { ...onTime(scene), author: willing(scene), text: "" };
  const outer = scene.makeStatus(plan);
  scene.newest = Math.max(scene.newest, plan.createdAt);
  const reblog: Status = { ...outer, content: inner.content, media_attachments: [], reblog: inner };
  return updateFrame(reblog, "boost");
}

function updateFrame(status: Status, kind: FrameKind): StepFrame {
  return {
    kind,
    event: "update",
    payload: JSON.stringify(status),
    statusId: status.id,
    status,
  };
}

function drawKind(scene: Scene, { rates }: ResolvedGeneratorOptions): FrameKind {
  const special: { kind: FrameKind; weight: number }[] = [
    { kind: "straggler", weight: rates.stragglers },
    { kind: "late", weight: rates.late },
    { kind: "future_dated", weight: rates.futureDated },
    { kind: "boost", weight: rates.boosts },
    { kind: "not_public", weight: rates.notPublic },
    { kind: "opted_out", weight: rates.optedOut },
    { kind: "hostile", weight: rates.hostile },
    { kind: "media_only", weight: rates.mediaOnly },
    { kind: "malformed", weight: rates.malformed },
    { kind: "delete_unknown", weight: rates.deletesOfUnknown },
    { kind: "ignored", weight: rates.ignored },
  ];
  const sum = special.reduce((total, { weight }) => total + weight, 0);
  special.push({ kind: "toot", weight: Math.max(0, 1 - sum) });
  return scene.random.weighted(special).kind;
}
