import { assert, assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { FrameKind, SimulatorFrame } from "./frames.ts";
import { generatorSource } from "./generator.ts";
import { HOSTILE } from "./hostile.ts";
import { Ledger } from "./ledger.ts";
import type { LedgerCounts } from "./ledger_types.ts";
import { MALFORMED } from "./malformed.ts";
import { DEFAULT_RATES, type GeneratorOptions, type GeneratorRates } from "./options.ts";

const SMALL: GeneratorOptions = { events: 1500, hugeBytes: 2_000_000 };

/** Everything that a client could see of a frame. */
async function fingerprint(options: GeneratorOptions): Promise<string> {
  const parts: string[] = [];
  for (const { at, event, payload, raw } of generatorSource(options).frames()) {
    const bytes = raw === undefined || typeof raw === "string" ? raw : [...raw].join();
    parts.push(JSON.stringify([at, event, payload, bytes]));
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\n")));
  return new Uint8Array(digest).toHex();
}

function record(frames: Iterable<SimulatorFrame>, partitions = 1): Ledger {
  // FNV-1a, so that neighbouring ids scatter.
  const partitionOf = (id: string) => {
    let hash = 0x811c9dc5;
    for (let i = 0; i < id.length; i++) {
      hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
    }
    return (hash >>> 0) % partitions;
  };
  const ledger = new Ledger({ partitionOf });
  for (const frame of frames) ledger.record(frame);
  return ledger;
}

Deno.test("generator: the same seed gives the same bytes, another seed others", async () => {
  const first = await fingerprint({ ...SMALL, seed: 1 });
  assertEquals(await fingerprint({ ...SMALL, seed: 1 }), first);
  assertNotEquals(await fingerprint({ ...SMALL, seed: 2 }), first);
});

Deno.test("generator: a source can be played again, and two at once don't mix", () => {
  const source = generatorSource({ seed: 3, events: 200 });
  const alone = [...source.frames()];
  const [a, b] = [source.frames()[Symbol.iterator](), source.frames()[Symbol.iterator]()];
  const mixed: SimulatorFrame[] = [];
  for (let i = 0; i < 200; i++) {
    const { value } = a.next();
    if (value !== undefined) mixed.push(value);
    b.next();
  }
  assertEquals(mixed, alone);
});

Deno.test("generator: neither the clock nor Math.random has a say", async () => {
  const expected = await fingerprint({ ...SMALL, seed: 4 });
  const { now } = Date;
  const { random } = Math;
  try {
    Date.now = () => 1e15;
    Math.random = () => {
      throw new Error("Math.random was asked");
    };
    assertEquals(await fingerprint({ ...SMALL, seed: 4 }), expected);
  } finally {
    Date.now = now;
    Math.random = random;
  }
});

Deno.test("generator: the default stream shows every kind, every break and every trap", () => {
  const frames = [...generatorSource().frames()];
  assertEquals(frames.length, 6000);
  const { kinds, counts } = record(frames);
  const expected: FrameKind[] = [
    "toot",
    "late",
    "straggler",
    "future_dated",
    "boost",
    "not_public",
    "opted_out",
    "hostile",
    "media_only",
    "huge",
    "duplicate",
    "edit",
    "edit_first",
    "overtaken_update",
    "stale_replay",
    "delete",
    "delete_first",
    "update_after_delete",
    "repeated_delete",
    "delete_unknown",
    "malformed",
    "ignored",
  ];
  for (const kind of expected) assertGreater(kinds.get(kind) ?? 0, 0, kind);
  assertGreater(kinds.get("hostile") ?? 0, HOSTILE.length);
  assertGreater(kinds.get("malformed") ?? 0, MALFORMED.length);
  for (const [reason, count] of Object.entries(counts.malformed)) assertGreater(count, 0, reason);
});

Deno.test("generator: languages, authors and the daily rhythm are as announced", () => {
  const perHour = new Map<number, number>();
  const languages = new Set<unknown>();
  const rising = [0, 0, 0];
  for (const frame of generatorSource({ hugeStatuses: 0 }).frames()) {
    const hour = new Date(frame.at).getUTCHours();
    perHour.set(hour, (perHour.get(hour) ?? 0) + 1);
    if (frame.kind !== "toot" || frame.payload === null) continue;
    const status: unknown = JSON.parse(frame.payload);
    if (typeof status === "object" && status !== null && "language" in status) {
      languages.add(status.language);
    }
    const day = Math.floor((frame.at - Date.parse("2026-01-05T00:00:00Z")) / 86_400_000);
    if (frame.payload.includes("AuroraWatch")) rising[day] = (rising[day] ?? 0) + 1;
  }
  assertEquals(languages, new Set(["en", "de", "ja", "es", "fr", "ar", null]));
  assertGreater(perHour.get(20) ?? 0, 3 * (perHour.get(3) ?? 0));
  assertGreater(rising[2] ?? 0, 10 * ((rising[0] ?? 0) + (rising[1] ?? 0) + 1));
});

Deno.test("generator: what its kinds say is what the ledger finds", () => {
  for (let seed = 0; seed < 5; seed++) {
    const { kinds, counts } = record(generatorSource({ ...SMALL, seed }).frames());
    assertEquals(byKinds(kinds), picked(counts), `seed ${seed}`);
  }
});

Deno.test("generator: lateness does not depend on the partitions", () => {
  for (let seed = 0; seed < 5; seed++) {
    const frames = [...generatorSource({ ...SMALL, events: 3000, seed }).frames()];
    const one = record(frames);
    assertGreater(one.counts.late, 0);
    for (const partitions of [2, 4, 8]) {
      const many = record(frames, partitions);
      assertEquals(many.counts, one.counts);
      assertEquals(many.expected, one.expected);
    }
  }
});

Deno.test("generator: ids are distinct but for the frames of one status", () => {
  const born = new Set<string>();
  const firsts = new Set<FrameKind>([
    "toot",
    "late",
    "straggler",
    "hostile",
    "media_only",
    "boost",
  ]);
  for (const { kind, statusId } of generatorSource({ ...SMALL, events: 4000 }).frames()) {
    if (!firsts.has(kind) || statusId === null) continue;
    assert(!born.has(statusId), statusId);
    assert(BigInt(statusId) < 2n ** 63n);
    born.add(statusId);
  }
});

Deno.test("generator: any options give so many frames, sound books and no surprise", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const names = Object.keys(DEFAULT_RATES);
  const rates = fc.array(share, { minLength: names.length, maxLength: names.length }).map(
    (values): Partial<GeneratorRates> =>
      Object.fromEntries(names.map((name, i) => [name, values[i]])),
  );
  const options = fc.record({
    seed: fc.nat(),
    events: fc.integer({ min: 0, max: 400 }),
    days: fc.double({ min: 1 / 24, max: 30, noNaN: true }),
    authors: fc.integer({ min: 20, max: 60 }),
    laterOptOuts: fc.integer({ min: 0, max: 20 }),
    hugeStatuses: fc.integer({ min: 0, max: 2 }),
    hugeBytes: fc.constant(5000),
    lateAfter: fc.integer({ min: 1, max: 50 }),
    rates,
  });
  fc.assert(
    fc.property(options, (some) => {
      const frames = [...generatorSource(some).frames()];
      assertEquals(frames.length, some.events);
      assertEquals(frames.map(({ index }) => index), frames.map((_, i) => i));
      for (let i = 1; i < frames.length; i++) {
        assert((frames[i]?.at ?? 0) >= (frames[i - 1]?.at ?? 0));
      }
      const { kinds, counts } = record(frames);
      assertEquals(byKinds(kinds), picked(counts));
    }),
    { numRuns: 200 },
  );
});

/** The counts that kinds promise. */
function byKinds(kinds: ReadonlyMap<FrameKind, number>): Record<string, number> {
  const sum = (...names: FrameKind[]) =>
    names.reduce((total, name) => total + (kinds.get(name) ?? 0), 0);
  return {
    late: sum("late"),
    duplicates: sum("duplicate"),
    edits: sum("edit"),
    originalsByEdit: sum("edit_first"),
    staleVersions: sum("overtaken_update", "stale_replay"),
    keptOut: sum("update_after_delete"),
    deletes: sum("delete"),
    deletesOfUnknown: sum("delete_first", "delete_unknown"),
    repeatedDeletes: sum("repeated_delete"),
    boosts: sum("boost"),
    notPublic: sum("not_public"),
    optedOut: sum("opted_out"),
    futureDated: sum("future_dated"),
    ignored: sum("ignored"),
  };
}

function picked(counts: LedgerCounts): Record<string, number> {
  const { late, duplicates, edits, originalsByEdit, staleVersions, keptOut, deletes } = counts;
  const { deletesOfUnknown, repeatedDeletes, boosts, notPublic, optedOut, futureDated } = counts;
  return {
    late,
    duplicates,
    edits,
    originalsByEdit,
    staleVersions,
    keptOut,
    deletes,
    deletesOfUnknown,
    repeatedDeletes,
    boosts,
    notPublic,
    optedOut,
    futureDated,
    ignored: counts.ignored,
  };
}
