import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { parse } from "@std/dotenv";
import { z } from "zod";
import { loadConfig, parseConfig } from "./config.ts";
import { renderEnvExample } from "./env_example.ts";
import { SETTINGS } from "./settings.ts";

const file = new URL("../../.env.example", import.meta.url);

Deno.test(".env.example is what the settings say", async () => {
  assertEquals(
    await Deno.readTextFile(file),
    renderEnvExample(),
    "Write it anew: deno run -A mod/config/env_example.ts > .env.example",
  );
});

Deno.test(".env.example holds every setting once, with its help and its default", async () => {
  const text = await Deno.readTextFile(file);
  const names = [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  assertEquals(names, Object.keys(SETTINGS));
  const values = parse(text);
  const prose = text.replaceAll(/\n# /g, " ");
  for (const [name, { help, fallback, ...rest }] of Object.entries(SETTINGS)) {
    assert(prose.includes(help), `${name} lacks its help`);
    assertEquals(values[name], "secret" in rest ? "" : fallback ?? "", name);
  }
});

Deno.test(".env.example taken as it is changes nothing", async () => {
  assertEquals(parseConfig(parse(await Deno.readTextFile(file))), parseConfig({}));
});

Deno.test(".env.example taken as .env changes nothing", async () => {
  const bare = await loadConfig({ envPath: "/nonexistent/.env" });
  assertEquals(await loadConfig({ envPath: file.pathname }), bare);
});

Deno.test("a secret's default is never written", () => {
  const text = renderEnvExample({
    TOKEN: { schema: z.string(), fallback: "hunter2", secret: true, help: "A token." },
  });
  assert(text.endsWith("\n# A token.\nTOKEN=\n"), text);
});

Deno.test("long help is broken between words", () => {
  const help = "word ".repeat(60).trim();
  const text = renderEnvExample({ LONG: { schema: z.string(), fallback: "1", help } });
  const comments = text.split("\n\n")[1]?.split("\n").slice(0, -2) ?? [];
  assertGreater(comments.length, 2);
  for (const line of comments) assertLessOrEqual(line.length, 100);
  assertEquals(comments.map((line) => line.slice(2)).join(" "), help);
});

Deno.test("what a variable takes is said once", () => {
  const schema = z.string().describe("true or false");
  const said = renderEnvExample({ A: { schema, fallback: null, help: "Set true or false." } });
  const unsaid = renderEnvExample({ A: { schema, fallback: null, help: "A switch." } });
  assertEquals(said.match(/true or false/g)?.length, 1);
  assertEquals(unsaid.match(/# Takes true or false\./g)?.length, 1);
});
