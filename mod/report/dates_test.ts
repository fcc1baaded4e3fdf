import { assertEquals } from "@std/assert";
import { dayAxis, formatDay, formatRange, formatTimes } from "./dates.ts";

const at = (text: string) => new Date(text);

Deno.test("a range whose end is a midnight does not touch the next day", () => {
  const from = at("2026-02-27T00:00:00Z");
  assertEquals(formatRange({ from, to: at("2026-03-01T00:00:00Z") }), "27 – 28 Feb 2026");
  assertEquals(formatRange({ from, to: at("2026-03-01T00:00:00.001Z") }), "27 Feb – 1 Mar 2026");
  assertEquals(formatRange({ from, to: from }), "27 Feb 2026");
});

Deno.test("times within a day", () => {
  const range = { from: at("2026-02-27T06:00:00Z"), to: at("2026-02-27T12:30:00Z") };
  assertEquals(formatTimes(range), "27 Feb 2026 06:00 – 12:30");
});

Deno.test("up to ten ticks, each in the middle of its day, the year where it changes", () => {
  const day = (i: number) => new Date(Date.UTC(2025, 11, 25) + i * 86_400_000).toISOString();
  const days = Array.from({ length: 20 }, (_, i) => day(i).slice(0, 10));
  const { ticks } = dayAxis(days, { width: 700 });
  assertEquals(ticks.map((tick) => tick.label), [
    "25 Dec 2025",
    "27 Dec",
    "29 Dec",
    "31 Dec",
    "2 Jan 2026",
    "4 Jan",
    "6 Jan",
    "8 Jan",
    "10 Jan",
    "12 Jan",
  ]);
  assertEquals(new Date(ticks[1]?.at ?? 0).toISOString(), "2025-12-27T12:00:00.000Z");
  assertEquals(formatDay(ticks[4]?.at ?? 0, { year: false }), "2 Jan");
});

Deno.test("an axis is broken only where most of its days are missing", () => {
  const broken = (days: string[]) => dayAxis(days, { width: 700 }).isBroken;
  assertEquals(broken(["2022-11-04", "2026-01-05"]), true);
  assertEquals(broken(["2026-01-05", "2026-01-30"]), false);
  const axis = dayAxis(["2022-11-04", "2026-01-05"], { width: 700 });
  assertEquals(axis.startOf("2026-01-05") - axis.startOf("2022-11-04"), 86_400_000);
  assertEquals(axis.ticks.map((tick) => tick.label), ["4 Nov 2022", "5 Jan 2026"]);
});
