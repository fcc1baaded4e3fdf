/**
 * The SVG of each chart over a small report, byte for byte, one element per line. The files are
 * named .snap as a formatter would rewrite .svg. After a wanted change, look at the
 * charts and then renew the files with `deno test -A mod/report/snapshot_test.ts -- --update`.
 */
import { assertEquals } from "@std/assert";
import { sampleData } from "./_sample.ts";
import { CHARTS } from "./draw_charts.ts";
import { loadTheme } from "./theme.ts";

const theme = await loadTheme();
const data = sampleData(2, ["fediverse", "東京", "العربية"]);

for (const [name, draw] of Object.entries(CHARTS)) {
  Deno.test(`${name} is drawn as before`, async () => {
    const file = new URL(`./testdata/${name}.snap`, import.meta.url);
    const svg = draw(data, theme).replaceAll("><", ">\n<");
    if (Deno.args.includes("--update")) {
      await Deno.mkdir(new URL("./testdata/", import.meta.url), { recursive: true });
      await Deno.writeTextFile(file, svg);
    }
    assertEquals(svg, await Deno.readTextFile(file));
  });
}
