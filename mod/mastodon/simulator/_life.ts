/**
 * What happens to a toot: edits, duplicates, deletes, and the wrong order in which the server
 * tells of them.
 *
 * @module
 */
import type { Status } from "../entities.ts";
import type { Scene } from "./_scene.ts";
import type { FrameKind, SimulatorFrame } from "./frames.ts";
import type { GeneratorRates } from "./options.ts";

/** A frame without its place in the stream. */
export type StepFrame = Omit<SimulatorFrame, "index" | "at">;

/** Makes a frame when its turn comes, or `null` if there is nothing left to tell. */
export type Step = () => StepFrame | null;

/** Steps that wait for a later frame's turn, first due first. */
export class Agenda {
  readonly #due = new Map<number, Step[]>();
  #ready: Step[] = [];

  /** Has a step run at the given frame or, if others are waiting, as soon as possible after it. */
  plan(index: number, step: Step): void {
    const steps = this.#due.get(index);
    if (steps === undefined) this.#due.set(index, [step]);
    else steps.push(step);
  }

  /** The next step that is due, if any. */
  next(index: number): Step | null {
    const due = this.#due.get(index);
    if (due !== undefined) {
      this.#due.delete(index);
      this.#ready.push(...due);
    }
    return this.#ready.shift() ?? null;
  }
}

interface Birth {
  readonly status: Status;
  readonly createdAt: number;
  readonly kind: FrameKind;
  readonly agenda: Agenda;
  readonly index: number;
  readonly rates: GeneratorRates;
}

/** Sends a toot's first frame and plans the others. */
export function planLife(scene: Scene, birth: Birth): StepFrame {
  const { random } = scene;
  const { rates, kind, agenda, index, createdAt } = birth;
  const life = new Life(scene, birth.status);
  // What overtakes an update must not come late itself: only for toots that are on time.
  const ordinary = kind === "toot";
  if (ordinary && random.chance(rates.deletesFirst)) {
    agenda.plan(index + random.between(1, 3), () => life.updateAfterDelete());
    return life.delete("delete_first");
  }
  const soon = () => index + random.between(1, random.pick([4, 40, 300]));
  let first: StepFrame;
  if (ordinary && random.chance(rates.editsFirst)) {
    first = life.edit("edit_first");
    agenda.plan(index + random.between(1, 3), () => life.original("overtaken_update"));
  } else {
    first = life.newest(kind);
  }
  if (kind === "toot" || kind === "straggler") scene.remember(birth.status, createdAt);
  if (random.chance(rates.duplicates)) agenda.plan(soon(), () => life.duplicate());
  if (random.chance(rates.edits)) {
    const edited = soon();
    agenda.plan(edited, () => life.deleted ? null : life.edit("edit"));
    if (random.chance(0.2)) {
      agenda.plan(edited + random.between(1, 20), () => life.deleted ? null : life.edit("edit"));
    }
    if (random.chance(rates.staleReplays)) {
      agenda.plan(edited + random.between(21, 60), () => life.original("stale_replay"));
    }
  }
  if (random.chance(rates.deletes)) {
    const gone = soon();
    agenda.plan(gone, () => life.delete("delete"));
    if (random.chance(rates.repeatedDeletes)) {
      agenda.plan(gone + random.between(1, 30), () => life.delete("repeated_delete"));
    }
  }
  if (random.chance(rates.updatesAfterDelete)) {
    const gone = soon();
    agenda.plan(gone, () => life.deleted ? null : life.delete("delete"));
    agenda.plan(gone + random.between(1, 30), () => life.updateAfterDelete());
  }
  return first;
}

/** One toot's versions, as the server knows them. */
class Life {
  readonly #scene: Scene;
  readonly #first: Status;
  #newest: Status;
  #newestEvent = "update";
  deleted = false;

  constructor(scene: Scene, status: Status) {
    this.#scene = scene;
    this.#first = status;
    this.#newest = status;
  }

  newest(kind: FrameKind): StepFrame {
    return this.#frame(kind, this.#newestEvent, this.#newest);
  }

  /** The same bytes once more. */
  duplicate(): StepFrame | null {
    return this.deleted ? null : this.newest("duplicate");
  }

  /** The first version, though a newer one was sent. */
  original(kind: FrameKind): StepFrame | null {
    if (this.deleted || this.#newest === this.#first) return null;
    return this.#frame(kind, "update", this.#first);
  }

  edit(kind: FrameKind): StepFrame {
    const scene = this.#scene;
    const before = Date.parse(this.#newest.edited_at ?? this.#newest.created_at);
    const editedAt = Math.max(before + 1, scene.at - scene.random.between(50, 150));
    const account = scene.accountNow(this.#newest.account);
    const edited: Status = {
      ...this.#newest,
      edited_at: new Date(editedAt).toISOString(),
      content: `${this.#newest.content}<p>${scene.random.pick(ADDENDA)}</p>`,
      account,
    };
    // An author who has opted out since is skipped, so this version never becomes the newest.
    if (scene.hasOptedOut(account.id)) return this.#frame("opted_out", "status.update", edited);
    this.#newest = edited;
    this.#newestEvent = "status.update";
    return this.newest(kind);
  }

  delete(kind: FrameKind): StepFrame {
    const again = this.deleted;
    this.deleted = true;
    const { id } = this.#first;
    return { kind: again ? "repeated_delete" : kind, event: "delete", payload: id, statusId: id };
  }

  /** An update that comes behind its delete, dated on time so that only the delete decides. */
  updateAfterDelete(): StepFrame {
    const createdAt = this.#scene.at - 100;
    this.#scene.newest = Math.max(this.#scene.newest, createdAt);
    return this.#frame("update_after_delete", "update", {
      ...this.#first,
      created_at: new Date(createdAt).toISOString(),
    });
  }

  #frame(kind: FrameKind, event: string, status: Status): StepFrame {
    return { kind, event, payload: JSON.stringify(status), statusId: status.id, status };
  }
}

const ADDENDA = [
  "Edit: typo. Sorry!",
  "Edit: fixed the link.",
  "Update: it works now, thank you!!!",
  "Update: still broken, I hate everything.",
  "EDIT: wrong picture",
  "(edited for clarity)",
] as const;
