import { assertEquals } from "@std/assert";
import { retryAfterMs } from "./http.ts";

const NOW = Date.UTC(2026, 0, 1, 12);

Deno.test("retryAfterMs() reads seconds and dates in every form, and nothing else", () => {
  const cases: [header: string, value: string, ms: number | null][] = [
    ["retry-after", "120", 120_000],
    ["retry-after", "120.0", 120_000],
    ["retry-after", "1.5", 1500],
    ["retry-after", "0", 0],
    ["retry-after", "Thu, 01 Jan 2026 12:01:00 GMT", 60_000],
    ["retry-after", "-1", null],
    ["retry-after", "60s", null],
    ["retry-after", "soon", null],
    ["retry-after", "99999999", 3_600_000],
    ["x-ratelimit-reset", "2026-01-01T12:05:00.000Z", 300_000],
    ["x-ratelimit-reset", "300", 300_000],
    ["x-ratelimit-reset", String(NOW / 1000 + 90), 90_000],
    ["x-ratelimit-reset", "2025-12-31T00:00:00Z", 0],
    ["x-ratelimit-reset", "", null],
  ];
  for (const [header, value, ms] of cases) {
    assertEquals(retryAfterMs(new Headers({ [header]: value }), NOW), ms, `${header}: ${value}`);
  }
});
