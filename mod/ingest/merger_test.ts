import { assertEquals } from "@std/assert";
import type { WireEvent } from "../mastodon/wire.ts";
import { remove, update } from "../stream/_story.ts";
import { type Merged, Merger } from "./merger.ts";

const URI = "https://home.example/1";
const kept = (...events: WireEvent[]): Merged => ({ kind: "keep", events });
const dropped = (reason: "duplicate" | "copy" | "opted_out"): Merged => ({ kind: "drop", reason });

Deno.test("each version of a toot is kept once, in any order", () => {
  const merger = new Merger();
  const first = update("1");
  const edit = update("1", { edited_at: "2026-01-05T12:00:01.000Z" });
  for (const event of [edit, first, remove("1")]) assertEquals(merger.take(event), kept(event));
  for (const event of [first, edit, remove("1")]) {
    assertEquals(merger.take(event), dropped("duplicate"));
  }
});

Deno.test("what the log holds already is not written again", () => {
  const merger = new Merger();
  for (const event of [update("1"), remove("2")]) merger.remember(event);
  assertEquals(merger.take(update("1")), dropped("duplicate"));
  assertEquals(merger.take(remove("2")), dropped("duplicate"));
  assertEquals(merger.take(remove("1")), kept(remove("1")));
});

Deno.test("a copy from another instance is dropped, its edits and deletes reach the original", () => {
  const merger = new Merger({ instances: 2 });
  const one = update("1", { instance: "a.example", uri: URI });
  const copy = update("77", { instance: "b.example", uri: URI });
  assertEquals(merger.take(one), kept(one));
  assertEquals(merger.take(copy), dropped("copy"));
  const fields = { uri: URI, edited_at: "2026-01-05T12:00:01.000Z" };
  const edit = update("77", { instance: "b.example", ...fields });
  assertEquals(merger.take(edit), kept({ ...edit, instance: "a.example", id: "1" }));
  assertEquals(
    merger.take(update("1", { instance: "a.example", ...fields })),
    dropped("duplicate"),
  );
  const gone = remove("77", "b.example");
  assertEquals(merger.take(gone), kept(gone, remove("1", "a.example")));
  assertEquals(merger.take(remove("1", "a.example")), dropped("duplicate"));
});

Deno.test("an opt-out is told once, and taken back only by a newer toot from where it was told", () => {
  const merger = new Merger({ instances: 2 });
  const told = { accountId: "ann", instance: "a.example", atMs: Date.UTC(2026, 0, 6) };
  assertEquals([merger.optOut(told), merger.optOut(told)], [true, false]);
  const later = { created_at: "2026-01-07T00:00:00.000Z" };
  assertEquals(merger.take(update("1")), dropped("opted_out"));
  assertEquals(merger.take(update("2", { instance: "b.example", ...later })), dropped("opted_out"));
  assertEquals(merger.take(update("3", { account_id: "bob" })).kind, "keep");
  assertEquals(merger.take(update("4", later)).kind, "keep");
  assertEquals(merger.optOut({ ...told, atMs: told.atMs + 1e9 }), true);
});

Deno.test("a status that cannot be used is refused once", () => {
  const merger = new Merger();
  const status = { instance: "a.example", id: "1" };
  assertEquals([merger.refuse(status), merger.refuse(status)], [true, false]);
  assertEquals(merger.take(update("1")).kind, "keep");
});
