import { assertEquals, assertRejects } from "@std/assert";
import { ModelError } from "./errors.ts";
import { type LabelledRow, readLabelled } from "./labelled_rows.ts";

async function read(
  content: string | Uint8Array,
): Promise<{ rows: LabelledRow[]; skipped: number }> {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  await Deno.writeFile(
    path,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
  const tally = { skipped: 0 };
  return { rows: (await Array.fromAsync(readLabelled(path, tally))).flat(), ...tally };
}

Deno.test("Sentiment140's layout, latin-1 or UTF-8", async () => {
  const text = '"0","1","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","ann","café, ""no"""\n' +
    '"4","2","","NO_QUERY","bob","olé"\n"2","3","","x","y","so so"\n';
  const want = [[0, "1", "ann", 'café, "no"'], [1, "2", "bob", "olé"], [0.5, "3", "y", "so so"]];
  const latin = Uint8Array.from(text, (char) => char.charCodeAt(0));
  for (const content of [text, latin, `\ufeff${text}`]) {
    const { rows } = await read(content);
    assertEquals(rows.map(({ target, id, user, text }) => [target, id, user, text]), want);
  }
});

Deno.test("headers in any order, and two columns without one", async () => {
  const header = await read("text,id,Label\nyay,7,Positive\nhm,8,neutral\nboo,9,NEGATIVE\n");
  assertEquals(header.rows.map((row) => [row.target, row.id, row.text]), [
    [1, "7", "yay"],
    [0.5, "8", "hm"],
    [0, "9", "boo"],
  ]);
  const emoticons = await read("target,text,text_noemoticon\n4,yay :),yay\n");
  assertEquals(emoticons.rows[0]?.text, "yay");
  const bare = await read("1,yay\n0,boo\n");
  assertEquals(bare.rows.map((row) => row.target), [1, 0]);
});

Deno.test("rows without a known label or text are counted", async () => {
  const { rows, skipped } = await read("label,text\npositive,a\nmaybe,b\nnegative,\n\nnegative\n");
  assertEquals([rows.length, skipped], [1, 3]);
});

Deno.test("a layout that is not known and a file that is not there are refused", async () => {
  await assertRejects(
    () => read("a,b,c\n1,2,3\n"),
    ModelError,
    'first row has 3 columns ("a,b,c")',
  );
  await assertRejects(
    () => Array.fromAsync(readLabelled("/no/such.csv")),
    ModelError,
    "there is no such file",
  );
  assertEquals((await read("")).rows, []);
});
