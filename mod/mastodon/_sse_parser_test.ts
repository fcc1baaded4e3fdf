import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SseParser } from "./_sse_parser.ts";

const TEXT = ':)\n:thump\nevent: update\ndata: {"id":"1"}\n\nevent: delete\r\ndata: 17\r\n\r\n' +
  "event: filters_changed\ndata: undefined\n\ndata: a\ndata:b\n\n\n:thump\nevent: cut";
const EVENTS = [
  { event: "update", data: '{"id":"1"}' },
  { event: "delete", data: "17" },
  { event: "filters_changed", data: "undefined" },
  { event: "", data: "a\nb" },
];

Deno.test("SseParser gives the same events however the text is cut", () => {
  fc.assert(fc.property(fc.array(fc.nat(TEXT.length)), (cuts) => {
    const parser = new SseParser();
    const ends = [...cuts.sort((a, b) => a - b), TEXT.length];
    const events = ends.flatMap((end, i) => parser.push(TEXT.slice(ends[i - 1] ?? 0, end)));
    assertEquals(events, EVENTS);
  }));
});
