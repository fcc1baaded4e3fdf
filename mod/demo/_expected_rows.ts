/**
 * The rows that the published views should hold, from the toots that should be stored.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type ExpectedToot, minuteOf, type Recounted } from "./_recount.ts";

/** A row of a view. */
export type ViewRow = Record<string, string | number | boolean>;

/** Rows of `toot_metrics_windowed`. */
export function langRows({ toots, finalUntilMs }: Recounted): ViewRow[] {
  return lengthRows(toots, { name: "lang", of: (toot) => toot.lang, finalUntilMs });
}

/** Rows of `user_avg_length_windowed`. */
export function authorRows({ toots, finalUntilMs }: Recounted): ViewRow[] {
  return lengthRows(toots, { name: "account_id", of: (toot) => toot.account, finalUntilMs });
}

/** Rows of `sentiment_windowed`. */
export function sentimentRows({ toots, finalUntilMs }: Recounted): ViewRow[] {
  const groups = Map.groupBy(
    toots.filter(({ isLate, score }) => !isLate && score !== null),
    ({ createdMs, score }) => `${minuteOf(createdMs)} ${score?.lang}`,
  );
  return sorted([...groups.values()].map((group) => ({
    ...bounds(group, finalUntilMs),
    lang: group[0]?.score?.lang ?? "",
    ...sentimentOf(group, "n_scored"),
  })));
}

/** Rows of `v_sentiment_daily`. */
export function dailyRows({ toots }: Recounted): ViewRow[] {
  const scored = toots.filter(({ score }) => score !== null);
  const days = Map.groupBy(scored, (toot) => new Date(toot.createdMs).toISOString().slice(0, 10));
  return sorted([...days].map(([day, group]) => ({ day, ...sentimentOf(group, "n_toosts") })));
}

/** Puts rows in the order of what names them, whatever order they came in. */
export function sorted(rows: readonly ViewRow[]): ViewRow[] {
  const key = (row: ViewRow) =>
    JSON.stringify([row.day, row.window_start, row.lang, row.account_id]);
  return rows.toSorted((a, b) => key(a) < key(b) ? -1 : 1);
}

/** Checks that rows are equal, but for what floating point leaves of sums in two orders. */
export function assertRows(
  actual: readonly ViewRow[],
  expected: readonly ViewRow[],
  view: string,
): void {
  assertEquals(actual.length, expected.length, `${view}: number of rows`);
  actual.forEach((row, i) => {
    const { avg_prob_pos = 0, ...rest } = row;
    const { avg_prob_pos: wanted = 0, ...others } = expected[i] ?? {};
    assertEquals(rest, others, view);
    assertAlmostEquals(Number(avg_prob_pos), Number(wanted), 1e-12, view);
  });
}

function lengthRows(
  toots: readonly ExpectedToot[],
  { name, of, finalUntilMs }: {
    name: string;
    of: (toot: ExpectedToot) => string;
    finalUntilMs: number;
  },
): ViewRow[] {
  const groups = Map.groupBy(
    toots.filter(({ isLate }) => !isLate),
    (toot) => `${minuteOf(toot.createdMs)} ${of(toot)}`,
  );
  return sorted([...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [{
      ...bounds(group, finalUntilMs),
      [name]: of(first),
      n_toots: group.length,
      avg_length: group.reduce((sum, { text }) => sum + [...text].length, 0) / group.length,
    }];
  }));
}

function bounds(group: readonly ExpectedToot[], finalUntilMs: number) {
  const start = minuteOf(group[0]?.createdMs ?? Number.NaN);
  return {
    window_start: new Date(start).toISOString(),
    window_end: new Date(start + 60_000).toISOString(),
    is_final: start + 60_000 <= finalUntilMs,
  };
}

function sentimentOf(group: readonly ExpectedToot[], total: string): ViewRow {
  const n = (label: string) => group.filter(({ score }) => score?.label === label).length;
  const micro = group.reduce((sum, { score }) => sum + (score?.micro ?? 0), 0);
  return {
    [total]: group.length,
    n_pos: n("positive"),
    n_neg: n("negative"),
    n_neu: n("neutral"),
    avg_prob_pos: micro / group.length / 1e6,
  };
}
