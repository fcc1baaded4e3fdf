import { assertEquals, assertRejects } from "@std/assert";
import { explainFileError } from "./file_errors.ts";

Deno.test("what a task may not write is told with the settings that say where it goes", async () => {
  const error = new Deno.errors.NotCapable(
    'Requires write access to "/var/reports, old", run again with the --allow-write flag',
  );
  assertEquals(
    explainFileError(error),
    'Requires write access to "/var/reports, old": jobs may write under data/ and reports/ only, ' +
      "so DATA_DIR and REPORTS_DIR should name folders there",
  );
  // As the runtime says it today.
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  const module = new URL("./file_errors.ts", import.meta.url).href;
  await Deno.writeTextFile(
    script,
    `import { explainFileError } from ${JSON.stringify(module)};
    try { Deno.mkdirSync("/var/reports"); } catch (error) { throw explainFileError(error); }`,
  );
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", script],
    stdout: "null",
  }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(/Requires write access to "\/var\/reports": jobs may/.test(text), true, text);
  await Deno.remove(script);
});

Deno.test("an error of the operating system is told without a stack", async () => {
  const folder = await Deno.makeTempDir();
  for (const path of [folder, `${folder}/none`]) {
    const error = await assertRejects(() => Deno.readTextFile(path), Error);
    assertEquals(explainFileError(error), error.message);
    assertEquals(error.message.includes("\n"), false);
  }
  await Deno.remove(folder);
});

Deno.test("other errors are left to be told whole", () => {
  const others = [new TypeError("x is undefined"), new Deno.errors.NotCapable("Requires net"), 7];
  for (const error of others) assertEquals(explainFileError(error), null);
});
