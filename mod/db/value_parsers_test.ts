import { assertEquals } from "@std/assert";
import { parseTimestamp } from "./value_parsers.ts";

Deno.test("parseTimestamp() reads PostgreSQL's spellings of a time", () => {
  const cases: readonly [text: string, iso: string][] = [
    ["2026-01-05 10:00:00+00", "2026-01-05T10:00:00.000Z"],
    ["2026-01-05 10:00:00", "2026-01-05T10:00:00.000Z"],
    ["2026-01-05 10:00:00.123456+00", "2026-01-05T10:00:00.123Z"],
    ["2026-01-05 12:00:00.5+02", "2026-01-05T10:00:00.500Z"],
    ["2026-01-05 15:30:00+05:30", "2026-01-05T10:00:00.000Z"],
    ["1970-01-01 00:00:00+00", "1970-01-01T00:00:00.000Z"],
    ["10000-01-01 00:00:00+00", "+010000-01-01T00:00:00.000Z"],
    ["0044-03-15 12:00:00+00 BC", "-000043-03-15T12:00:00.000Z"],
    ["infinity", "+275760-09-13T00:00:00.000Z"],
    ["-infinity", "-271821-04-20T00:00:00.000Z"],
  ];
  for (const [text, iso] of cases) assertEquals(parseTimestamp(text).toISOString(), iso, text);
});
