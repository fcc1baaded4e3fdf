import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { csvBatches, CsvSplitter, detectEncoding } from "./csv_stream.ts";

function stream(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.slice(i, i + size));
  return ReadableStream.from(chunks);
}

function split(text: string): string[][] {
  const splitter = new CsvSplitter();
  return [...splitter.push(text), ...splitter.end()];
}

Deno.test("what is quoted comes back, however it is cut into chunks", async () => {
  const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é", "😀", " ") });
  const table = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
  const end = fc.constantFrom("\n", "\r\n");
  await fc.assert(
    fc.asyncProperty(table, end, fc.integer({ min: 1, max: 9 }), async (rows, eol, n) => {
      const text = rows.map((row) =>
        row.map((f) => `"${f.replaceAll('"', '""')}"`).join(",") + eol
      );
      const bytes = new TextEncoder().encode(text.join(""));
      const read = (await Array.fromAsync(csvBatches(stream(bytes, n), "utf-8"))).flat();
      assertEquals(read, rows);
    }),
  );
});

Deno.test("bare fields, empty fields, every line end and a last line without one", () => {
  assertEquals(split('a,,"b"\r\n\n,\rx y'), [["a", "", "b"], ["", ""], ["x y"]]);
});

Deno.test("a quote inside a bare field stays, and an open quote ends with the text", () => {
  assertEquals(split('a"b,c\n"open\nstill'), [['a"b', "c"], ["open\nstill"]]);
});

Deno.test("a stray quote cannot swallow a file into memory", () => {
  const splitter = new CsvSplitter();
  splitter.push('"');
  for (let i = 0; i < 40; i++) splitter.push("x".repeat(100_000));
  const size = splitter.end()[0]?.[0]?.length ?? 0;
  assert(size < 2 ** 20 + 100_001, `${size}`);
});

Deno.test("latin-1 and UTF-8 are told apart wherever the first byte beyond ASCII lies", async () => {
  const ascii = new Uint8Array(300_000).fill(97);
  const latin = new Uint8Array([...ascii, 0xe9]);
  assertEquals(await detectEncoding(stream(ascii, 65536)), "utf-8");
  assertEquals(await detectEncoding(stream(latin, 65536)), "latin1");
  assertEquals(await detectEncoding(stream(new TextEncoder().encode("x😀é"), 1)), "utf-8");
  assertEquals(
    await detectEncoding(stream(new TextEncoder().encode("é").slice(0, 1), 1)),
    "latin1",
  );
  const rows = await Array.fromAsync(
    csvBatches(stream(Uint8Array.of(0xe9, 44, 0xfc), 1), "latin1"),
  );
  assertEquals(rows.flat(), [["é", "ü"]]);
});
