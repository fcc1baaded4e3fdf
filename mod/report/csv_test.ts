import { assertEquals, assertRejects } from "@std/assert";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { type CsvCell, csvChunks } from "./csv.ts";

async function write(header: string[], records: CsvCell[][]): Promise<string> {
  const chunks = await Array.fromAsync(csvChunks(header, records));
  return chunks.map((chunk) => new TextDecoder("utf-8", { fatal: true }).decode(chunk)).join("");
}

Deno.test("any text comes back through another CSV parser", async () => {
  const cell = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("a,b", '"', "\r\n", "é東😀"),
  );
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(cell, cell)), async (records) => {
    const text = await write(["a", "b"], records);
    const parsed: string[][] = parse(text, { record_delimiter: "\r\n" });
    const expected = records.map((record) =>
      record.map((each) => /^[=+\-@\t\r]/.test(each) ? `'${each}` : each)
    );
    assertEquals(parsed, [["a", "b"], ...expected]);
  }));
});

Deno.test("numbers, dates, nothing and lone surrogates", async () => {
  const date = new Date("2022-11-04T00:00:00Z");
  assertEquals(
    await write(["a", "b", "c", "d"], [[-0.5, date, null, "x\uD800y"]]),
    "a,b,c,d\r\n-0.5,2022-11-04T00:00:00.000Z,,x\uFFFDy\r\n",
  );
});

Deno.test("a formula stays text", async () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"]) {
    assertEquals(await write(["a"], [[text]]), `a\r\n'${text}\r\n`);
  }
});

Deno.test("a record of another length and a number that is none are refused", async () => {
  await assertRejects(() => write(["a", "b"], [["x"]]), RangeError, "has 1 cells, the header 2");
  await assertRejects(() => write(["a"], [[NaN]]), RangeError, '"NaN" is not finite');
});

Deno.test("a large table is streamed in chunks", async () => {
  function* records(): Generator<CsvCell[]> {
    for (let i = 0; i < 100_000; i++) yield [i];
  }
  const chunks = await Array.fromAsync(csvChunks(["n"], records()));
  const largest = Math.max(...chunks.map((chunk) => chunk.length));
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  assertEquals([chunks.length > 5, largest < 70_000, total], [true, true, 3 + 688_890]);
});
