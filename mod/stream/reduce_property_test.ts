import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { anySteps, play } from "./_play.ts";
import { recount } from "./_recount.ts";
import { layOut, shuffled, story } from "./_story.ts";

const GRACE_MS = 30_000;
const RUNS = { numRuns: 1000 };

const windowMs = fc.constantFrom(60_000, 7_000);
const partitions = fc.integer({ min: 1, max: 4 });

Deno.test("any batches, crashes and interleaving give what a recount of the log gives", () => {
  let late = 0;
  let deleted = 0;
  fc.assert(
    fc.property(
      shuffled(story({ spreadMs: 300_000, poison: true })),
      partitions,
      windowMs,
      anySteps(),
      (values, count, windowMs, steps) => {
        const log = layOut(values, count);
        const tables = play(log, { windowMs, graceMs: GRACE_MS, steps });
        const { finalUntilMs } = tables;
        // Finality that no idle partition has moved on comes after the partitions' own watermarks.
        const expected = recount(log, { windowMs, graceMs: GRACE_MS, finalUntilMs });
        assertEquals(tables.tables(), expected);
        late += tables.total("late");
        deleted += tables.total("deletes");
      },
    ),
    RUNS,
  );
  assert(late > 100 && deleted > 100, `${late} late, ${deleted} deleted: the stories say little`);
});

Deno.test("within the grace, any order of the same events ends in the same tables", () => {
  const orders = story({ spreadMs: GRACE_MS })
    .chain((values) => fc.tuple(shuffled(fc.constant(values)), shuffled(fc.constant(values))));
  fc.assert(
    fc.property(
      orders,
      fc.tuple(partitions, partitions),
      fc.tuple(anySteps(), anySteps()),
      windowMs,
      ([one, other], [a, b], [stepsA, stepsB], windowMs) => {
        const final = (values: string[], count: number, steps: typeof stepsA) => {
          const log = layOut(values, count, { atOnce: true });
          const tables = play(log, { windowMs, graceMs: GRACE_MS, steps });
          assertEquals(tables.total("late"), 0);
          tables.finalUntilMs = -Infinity;
          const { stream_progress: _, ...rest } = tables.tables();
          return rest;
        };
        assertEquals(final(one, a, stepsA), final(other, b, stepsB));
      },
    ),
    RUNS,
  );
});

Deno.test("a deleted toot leaves nothing but its tombstone", () => {
  fc.assert(
    fc.property(
      shuffled(story({ spreadMs: 300_000 })),
      partitions,
      anySteps({ idle: true }),
      (values, count, steps) => {
        const { toots_raw, toots_sentiment, late_events, tombstones } = play(
          layOut(values, count),
          { windowMs: 60_000, graceMs: GRACE_MS, steps },
        ).tables();
        const gone = new Set(
          values.filter((value) => value.includes('"type":"delete"'))
            .map((value) =>
              `${/"instance":"(.*?)"/.exec(value)?.[1]} ${/"id":"(.*?)"/.exec(value)?.[1]}`
            ),
        );
        assertEquals(new Set(tombstones.map(({ instance, id }) => `${instance} ${id}`)), gone);
        for (const { instance, id } of [...toots_raw, ...toots_sentiment, ...late_events]) {
          assert(!gone.has(`${instance} ${id}`), `${instance} ${id} was deleted`);
        }
      },
    ),
    RUNS,
  );
});

Deno.test("each event is counted once, and the counts agree with the rows", () => {
  fc.assert(
    fc.property(
      shuffled(story({ spreadMs: 300_000, poison: true })),
      partitions,
      anySteps({ idle: true }),
      (values, count, steps) => {
        const tables = play(layOut(values, count), { windowMs: 60_000, graceMs: GRACE_MS, steps });
        for (const { counts, records, deadLetters } of tables.positions.values()) {
          const { late, ...exclusive } = counts;
          const events = Object.values(exclusive).reduce((a, b) => a + b, 0);
          assertEquals(events + deadLetters, records);
          assert(late <= counts.toots);
        }
        const { toots_raw, late_events, toot_metrics_windowed: windows } = tables.tables();
        assertEquals(tables.total("toots") - tables.total("deletes"), toots_raw.length);
        assertEquals(late_events.length, toots_raw.filter(({ is_late }) => is_late).length);
        const counted = windows.reduce((sum, { n_toots }) => sum + Number(n_toots), 0);
        assertEquals(counted, toots_raw.length - late_events.length);
      },
    ),
    RUNS,
  );
});

Deno.test("no toot is added to a window that was final, idle partitions that wake included", () => {
  const still = story({ spreadMs: 300_000 }).map((values) =>
    // Edits and deletes may change a final window; toots alone may not.
    values.filter((value) => value.includes('"edited_at":null'))
  );
  fc.assert(
    fc.property(shuffled(still), partitions, anySteps({ idle: true }), (values, count, steps) => {
      let before: ReadonlyMap<string, number> = new Map();
      let until = -Infinity;
      play(layOut(values, count), {
        windowMs: 60_000,
        graceMs: GRACE_MS,
        steps,
        onStep: (tables) => {
          const now = tables.finalWindows();
          for (const [key, toots] of now) {
            const end = Number(key.split(" ")[0]) + 60_000;
            if (end <= until) assertEquals(toots, before.get(key) ?? 0, key);
          }
          assert(tables.finalUntilMs >= until);
          before = new Map(now);
          until = tables.finalUntilMs;
        },
      });
    }),
    RUNS,
  );
});

Deno.test("a uri stands once, and which toot holds it is a fact of the log", () => {
  let copies = 0;
  fc.assert(
    fc.property(
      shuffled(story({ spreadMs: 300_000, sharedUris: true })),
      partitions,
      anySteps(),
      (values, count, steps) => {
        const options = { windowMs: 60_000, graceMs: GRACE_MS };
        // The model refuses a second row with a uri, as the database would.
        play(layOut(values, count), { ...options, steps });
        const log = layOut(values, 1);
        const once = play(log, options);
        const inSteps = play(log, { ...options, steps });
        inSteps.finalUntilMs = -Infinity;
        assertEquals(inSteps.tables(), once.tables());
        copies += once.total("copies");
      },
    ),
    RUNS,
  );
  assert(copies > 100, `${copies} copies: the stories say little`);
});
