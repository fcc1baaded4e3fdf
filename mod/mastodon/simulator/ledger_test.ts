import { assertEquals, assertGreater } from "@std/assert";
import fc from "fast-check";
import { isRecord } from "./_guard.ts";
import type { SimulatorFrame } from "./frames.ts";
import { generatorSource } from "./generator.ts";
import { Ledger } from "./ledger.ts";
import type { LedgerCounts, MalformedReason } from "./ledger_types.ts";

const T0 = "2026-01-05T12:00:00.000Z";

function statusText(fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    id: "1",
    created_at: T0,
    edited_at: null,
    content: "<p>hi</p>",
    visibility: "public",
    reblog: null,
    account: { id: "7", note: "", noindex: false, indexable: true },
    ...fields,
  });
}

function update(fields: Readonly<Record<string, unknown>> = {}) {
  return { event: "update", payload: statusText(fields) };
}

function remove(payload: string) {
  return { event: "delete", payload };
}

function books(
  messages: readonly Pick<SimulatorFrame, "event" | "payload" | "raw">[],
  options: ConstructorParameters<typeof Ledger>[0] = {},
): Partial<LedgerCounts> {
  const ledger = new Ledger(options);
  for (const message of messages) ledger.recordMessage(message);
  // Only what is not 0, so that a test says all that it expects.
  const { malformed, ...counts } = ledger.counts;
  const reasons = Object.entries(malformed).filter(([, count]) => count > 0);
  return {
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(reasons.length === 0 ? {} : { malformed: { ...NONE, ...Object.fromEntries(reasons) } }),
  };
}

const NONE = {
  bad_frame: 0,
  binary_frame: 0,
  unknown_event: 0,
  payload_not_json: 0,
  not_a_status: 0,
  bad_id: 0,
  bad_date: 0,
  too_large: 0,
};

const LATER = "2026-01-05T12:05:00.000Z";
const LATEST = "2026-01-05T12:06:00.000Z";

Deno.test("Ledger: an equal version is a duplicate, a newer an edit, an older stale", () => {
  assertEquals(books([update(), update()]), { frames: 2, originals: 1, duplicates: 1 });
  assertEquals(
    books([update(), update({ edited_at: LATER }), update({ edited_at: LATER }), update()]),
    { frames: 4, originals: 1, edits: 1, duplicates: 1, staleVersions: 1 },
  );
  assertEquals(
    books([update({ edited_at: LATER }), update(), update({ edited_at: LATEST })]),
    { frames: 3, originals: 1, originalsByEdit: 1, staleVersions: 1, edits: 1 },
  );
});

Deno.test("Ledger: a delete removes, leaves a tombstone, and keeps out what comes later", () => {
  assertEquals(
    books([update(), remove("1"), remove("1"), update(), update({ edited_at: LATER })]),
    { frames: 5, originals: 1, deletes: 1, repeatedDeletes: 1, keptOut: 2 },
  );
  assertEquals(books([remove("1"), update()]), { frames: 2, deletesOfUnknown: 1, keptOut: 1 });
});

Deno.test("Ledger: boosts, other visibilities and opt-outs are skipped, in this order", () => {
  const optedOut = { id: "7", note: "#nobot" };
  const boost = { reblog: { id: "2" }, visibility: "private", account: optedOut };
  assertEquals(books([update(boost)]), { frames: 1, boosts: 1 });
  assertEquals(books([update({ visibility: "unlisted", account: optedOut })]), {
    frames: 1,
    notPublic: 1,
  });
  assertEquals(books([update({ account: optedOut })]), { frames: 1, optedOut: 1 });
});

Deno.test("Ledger: reads every way to opt out, and no others", () => {
  const optedOut = (account: Record<string, unknown>, consent?: "strict") =>
    books([update({ account: { id: "7", ...account } })], consent ? { consent } : {}).optedOut ===
      1;
  for (
    const note of [
      "#nobot",
      "<p>x #NoBots.</p>",
      "a<br>#noindex",
      '<a href="/tags/nosearch">#<span>nosearch</span></a>',
    ]
  ) assertEquals([note, optedOut({ note })], [note, true]);
  for (const note of ["", "nobot", "#nobotany", "#nobots_", "# nobot", "<p>#no</p><p>bot</p>"]) {
    assertEquals([note, optedOut({ note })], [note, false]);
  }
  assertEquals(optedOut({ noindex: true }), true);
  assertEquals(optedOut({ noindex: null }), false);
  assertEquals(optedOut({ indexable: null }, "strict"), true);
  assertEquals(optedOut({ indexable: true }, "strict"), false);
  assertEquals(optedOut({ indexable: false }), false);
});

Deno.test("Ledger: late means that the window has closed for the partition", () => {
  const at = (id: string, time: string) => update({ id, created_at: `2026-01-05T${time}Z` });
  // 12:02:30 closes the window that ends at 12:02:00, to the millisecond.
  const open = [at("1", "12:02:29.999"), at("2", "12:01:59.999")];
  assertEquals(books(open), { frames: 2, originals: 2 });
  const closed = [at("1", "12:02:30.000"), at("2", "12:01:59.999")];
  assertEquals(books(closed), { frames: 2, originals: 2, late: 1 });
  assertEquals(books(closed, { partitionOf: Number }), { frames: 2, originals: 2 });
  assertEquals(books(closed, { graceMs: 31_000 }), { frames: 2, originals: 2 });
  // Decided by the first arrival: a duplicate that comes when the window has closed is not late.
  assertEquals(books([at("1", "12:00:00"), at("2", "13:00:00"), at("1", "12:00:00")]), {
    frames: 3,
    originals: 2,
    duplicates: 1,
  });
});

Deno.test("Ledger: the future begins 5 min after arrival", () => {
  const now = () => Date.parse(T0);
  const just = update({ created_at: "2026-01-05T12:05:00.000Z" });
  const beyond = update({ created_at: "2026-01-05T12:05:00.001Z" });
  assertEquals(books([just], { now }), { frames: 1, originals: 1 });
  assertEquals(books([beyond], { now }), { frames: 1, futureDated: 1 });
});

Deno.test("Ledger: gives each malformed frame its reason", () => {
  const cases: [MalformedReason, Pick<SimulatorFrame, "event" | "payload" | "raw">][] = [
    ["bad_frame", { event: null, payload: null, raw: "{" }],
    ["bad_frame", { event: null, payload: null, raw: '{"event":1}' }],
    ["binary_frame", { event: null, payload: null, raw: new Uint8Array([1]) }],
    ["unknown_event", { event: "constructor", payload: statusText() }],
    ["payload_not_json", { event: "update", payload: "{" }],
    ["payload_not_json", { event: "status.update", payload: null }],
    ["not_a_status", { event: "update", payload: "[]" }],
    ["not_a_status", update({ account: null })],
    ["bad_id", update({ id: undefined })],
    ["bad_id", update({ id: 12 })],
    ["bad_id", update({ id: "9223372036854775808" })],
    ["bad_id", remove("-1")],
    ["bad_date", update({ created_at: undefined })],
    ["bad_date", update({ created_at: "2026-13-01T00:00:00Z" })],
    ["bad_date", update({ edited_at: "soon" })],
    ["too_large", update({ content: "x".repeat(1_000_000) })],
  ];
  for (const [reason, message] of cases) {
    assertEquals(books([message]), {
      frames: 1,
      malformedTotal: 1,
      malformed: { ...NONE, [reason]: 1 },
    });
  }
  assertEquals(books([update({ id: "9223372036854775807" })]), { frames: 1, originals: 1 });
});

Deno.test("Ledger: raw text that is a frame counts as one; errors and other events apart", () => {
  const raw = JSON.stringify({ stream: ["public"], ...update() });
  assertEquals(books([{ event: null, payload: null, raw }]), { frames: 1, originals: 1 });
  const error = { event: null, payload: null, raw: '{"error":"x","status":500}' };
  assertEquals(books([error]), { frames: 1, errorFrames: 1 });
  assertEquals(books([{ event: "filters_changed", payload: null }]), { frames: 1, ignored: 1 });
});

/** Every frame is in exactly one of these. */
function total(counts: LedgerCounts): number {
  return counts.originals + counts.duplicates + counts.edits + counts.staleVersions +
    counts.keptOut + counts.deletes + counts.deletesOfUnknown + counts.repeatedDeletes +
    counts.boosts + counts.notPublic + counts.optedOut + counts.futureDated + counts.ignored +
    counts.errorFrames + counts.malformedTotal;
}

Deno.test("Ledger: a naive recount of the frames gives the same toots and the same sums", () => {
  for (let seed = 0; seed < 10; seed++) {
    const frames = [...generatorSource({ seed, events: 1500, hugeStatuses: 0 }).frames()];
    const ledger = new Ledger();
    for (const frame of frames) ledger.record(frame);
    const { counts } = ledger;
    assertEquals(total(counts), frames.length);

    const deletes = frames.filter((frame) => frame.event === "delete" && frame.statusId !== null)
      .map(({ payload }) => payload);
    assertEquals(
      counts.deletes + counts.deletesOfUnknown + counts.repeatedDeletes,
      deletes.length,
    );
    assertEquals(new Set<unknown>(ledger.tombstones), new Set<unknown>(deletes));

    // What can be stored at all, by the fields alone, whatever the order.
    const candidates = frames.flatMap(({ payload, event, statusId }) => {
      if (payload === null || statusId === null || !/update$/.test(event ?? "")) return [];
      const status: unknown = JSON.parse(payload);
      if (!isRecord(status) || !isRecord(status["account"])) return [];
      const { account } = status;
      const good = status["visibility"] === "public" && status["reblog"] === null &&
        account["noindex"] === false && !String(status["created_at"]).startsWith("2100") &&
        !/(#|<span>)no(bots?|index|search)\b(?!any)/i.test(String(account["note"]));
      return good ? [{ id: statusId, edited: String(status["edited_at"] ?? ""), payload }] : [];
    });
    // The last of each id when sorted by version is the newest; deleted ones drop out.
    const newest = new Map(
      candidates.toSorted((a, b) => (a.edited < b.edited ? -1 : a.edited > b.edited ? 1 : 0))
        .filter(({ id }) => !deletes.includes(id)).map((one) => [one.id, one.payload]),
    );
    const stored = new Map([...ledger.expected].map(([id, { payload }]) => [id, payload]));
    assertEquals(stored, newest);
    assertGreater(stored.size, 500);
    assertEquals(counts.originals - counts.deletes, stored.size);
    assertEquals(
      counts.originals + counts.duplicates + counts.edits + counts.staleVersions + counts.keptOut,
      candidates.length,
    );
  }
});

Deno.test("Ledger: the order of one status's frames doesn't change what is stored", () => {
  const pool = [
    update(),
    update(),
    { event: "status.update", payload: statusText({ edited_at: LATER, content: "b" }) },
    { event: "status.update", payload: statusText({ edited_at: LATEST, content: "c" }) },
  ];
  const all = fc.tuple(
    fc.shuffledSubarray(pool, { minLength: 4, maxLength: 4 }),
    fc.option(fc.nat({ max: 4 })),
  );
  fc.assert(fc.property(all, ([messages, deleteAt]) => {
    const ledger = new Ledger();
    const sent = deleteAt === null ? messages : messages.toSpliced(deleteAt, 0, remove("1"));
    for (const message of sent) ledger.recordMessage(message);
    assertEquals(
      ledger.expected.get("1")?.editedAt,
      deleteAt === null ? Date.parse(LATEST) : undefined,
    );
    assertEquals(ledger.tombstones.has("1"), deleteAt !== null);
    assertEquals(total(ledger.counts), sent.length);
  }));
});
