/** `deno task demo`: the whole pipeline on one machine. */
import { runDemo } from "../mod/demo/run_demo.ts";
import { DEFAULT_DEMO } from "../mod/demo/demo_source.ts";
import { integerFlag, runJob, textFlag } from "../mod/ops/job.ts";

await runJob({
  name: "demo",
  summary: "Plays a Mastodon stream through the whole pipeline and ends with charts in reports/.",
  flags: {
    seed: { type: "string", value: "N", help: "Another made-up stream (default 42)." },
    events: { type: "string", value: "N", help: "How long it is (default 6000 frames)." },
    replay: { type: "string", value: "FILE", help: "Recorded toots instead: one Status a line." },
  },
  async run({ config, flags, signal }) {
    const path = textFlag(flags, "replay");
    const choice = path !== null ? { kind: "replay", path } as const : {
      kind: "generated",
      seed: integerFlag(flags, { name: "seed", min: 0, max: 2 ** 31, fallback: DEFAULT_DEMO.seed }),
      events: integerFlag(flags, {
        name: "events",
        min: 1,
        max: 1_000_000,
        fallback: DEFAULT_DEMO.events,
      }),
    } as const;
    await runDemo(config, { choice, signal });
  },
});
