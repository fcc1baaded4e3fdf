import { assertEquals } from "@std/assert";
import { z } from "zod";
import { SETTINGS } from "./settings.ts";

const denoJson = z.object({
  permissions: z.record(
    z.string(),
    z.object({ env: z.union([z.boolean(), z.object({ allow: z.array(z.string()) })]).optional() }),
  ),
});

const { permissions } = denoJson.parse(
  JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url))),
);

for (const [name, { env }] of Object.entries(permissions)) {
  if (typeof env !== "object") continue;
  Deno.test(`jobs with the permissions "${name}" may read every setting and no other variable`, () => {
    assertEquals(env.allow.toSorted(), Object.keys(SETTINGS).toSorted());
  });
}
