import { assertEquals } from "@std/assert";
import { LineBuffer } from "./_line_buffer.ts";

function streamOf(...chunks: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
}

Deno.test("LineBuffer joins chunks into lines and keeps an unfinished last one", async () => {
  const buffer = new LineBuffer();
  await buffer.pump(streamOf("on", "e\r\ntwo\n\nth", "ree"));
  assertEquals(buffer.lines, ["one", "two", "", "three"]);
  assertEquals(buffer.text, "one\ntwo\n\nthree\n");
});

Deno.test("LineBuffer.find() meets lines that came before and that come later", async () => {
  const buffer = new LineBuffer();
  await buffer.pump(streamOf("early\n"));
  assertEquals(await buffer.find(/ear/g, { after: 0, timeoutMs: 0 }), "early");
  const later = buffer.find(/late/, { after: 0, timeoutMs: 60_000 });
  await buffer.pump(streamOf("late\n"));
  assertEquals(await later, "late");
});

Deno.test("LineBuffer.find() gives up at the end, at the deadline, and skips old lines", async () => {
  const buffer = new LineBuffer();
  await buffer.pump(streamOf("one\n"));
  assertEquals(await buffer.find(/two/, { after: 0, timeoutMs: 1 }), undefined);
  assertEquals(await buffer.find(/one/, { after: 1, timeoutMs: 1 }), undefined);
  const pending = buffer.find(/two/, { after: 0, timeoutMs: 60_000 });
  buffer.close();
  assertEquals(await pending, undefined);
});
