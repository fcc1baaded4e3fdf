/**
 * What the demo tells at its end.
 *
 * @module
 */
import { type IngestCounts, total } from "../ingest/ingest_counts.ts";
import type { HashtagRow, ReportData } from "../stats/mod.ts";
import type { StreamTotals } from "../stream/mod.ts";

/** All that the summary is made of. */
export interface DemoOutcome {
  readonly counts: IngestCounts;
  /** The stream's totals when the demo began and when it ended. */
  readonly before: StreamTotals;
  readonly totals: StreamTotals;
  /** Windows by language, and how many of them are final. */
  readonly windows: { readonly rows: number; readonly final: number };
  /** Predictions that the batch job added to the stream's. */
  readonly predicted: number;
  readonly report: ReportData;
  readonly files: readonly string[];
  /** The folder that holds the database. */
  readonly dataDir: string;
  /** The folder that holds the charts. */
  readonly reportsDir: string;
  readonly seconds: number;
}

/** Renders the summary. */
export function renderDemoSummary(outcome: DemoOutcome): string {
  const sections = [
    heading(outcome),
    ["What came through the socket", ...streamLines(outcome)],
    ["What it says", ...findings(outcome)],
    ["Files", ...fileLines(outcome.files)],
    ["Try next", ...nextSteps(outcome)],
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function heading({ before, seconds }: DemoOutcome): string[] {
  const done = `Done in ${seconds.toFixed(0)} s.`;
  if (before.toots === 0) return ["", done];
  return [
    "",
    `${done} This stream was here from an earlier run, whole or in part: what had been counted ` +
    "then was recognised and not counted again.",
  ];
}

function streamLines({ counts, before, totals, windows }: DemoOutcome): string[] {
  const run = (name: keyof StreamTotals) => totals[name] - before[name];
  const skipped = (reason: string) => counts.skipped.get(reason) ?? 0;
  const dead = run("deadLetters") + total(counts.refused);
  return [
    row("Frames", counts.frames),
    row("Toots", run("toots"), `${number(run("late"))} of them late: kept, but in no window`),
    row("Edits", run("edits"), `${number(run("stale"))} older versions left aside`),
    row("Deletes", run("deletes"), `${number(run("unknown"))} more of toots not held: remembered`),
    row("Duplicates", run("duplicates"), "counted once"),
    row("After delete", run("afterDelete"), "updates kept out by a tombstone"),
    ...(run("copies") === 0 ? [] : [row("Copies", run("copies"), "of toots known by their uri")]),
    row("Opted out", skipped("opted_out"), "skipped, as their authors ask"),
    row("Not public", skipped("not_public"), "skipped"),
    row("Boosts", skipped("boost"), "skipped"),
    row("Other events", skipped("other_event") + counts.serverErrors, "not about a toot"),
    row("Dead letters", dead, "unusable, kept with their reason"),
    row("Windows", windows.rows, `by minute and language, ${number(windows.final)} final`),
  ];
}

function findings({ report }: DemoOutcome): string[] {
  const lines: string[] = [];
  const { range, total: all } = report;
  if (range !== null) {
    lines.push(text("Range", `${minute(range.from)} to ${minute(range.to)} UTC`));
  }
  lines.push(text("Stored", `${number(all.nToots)} toots by ${number(all.nAuthors)} authors`));
  const { sentiment } = all;
  if (sentiment !== null && sentiment.nScored > 0) {
    const share = (n: number) => `${Math.round(100 * n / sentiment.nScored)}%`;
    lines.push(text(
      "Sentiment",
      `${share(sentiment.nPos)} positive, ${share(sentiment.nNeu)} neutral, ` +
        `${share(sentiment.nNeg)} negative of ${number(sentiment.nScored)} scored`,
    ));
  }
  const tags = report.hashtags.rows.slice(0, 6);
  if (tags.length > 0) lines.push(text("Hashtags", tags.map(hashtag).join(", ")));
  const [rising] = report.rising.rows;
  if (rising !== undefined) {
    lines.push(text("Rising", `#${rising.hashtag} (${number(rising.nToots)} toots)`));
  }
  return lines;
}

function fileLines(files: readonly string[]): string[] {
  const pngs = files.filter((path) => path.endsWith(".png"));
  const others = files.length - pngs.length;
  return [
    ...pngs.map((path) => `  ${path}`),
    `  and ${others} more: the same as .svg, data as .csv`,
  ];
}

function nextSteps({ dataDir, reportsDir }: DemoOutcome): string[] {
  const at = dataDir === "data" ? "" : `DATA_DIR=${dataDir} `;
  return [
    `  open ${reportsDir}/part5_sentiment_by_day_stacked.png`,
    `  ${at}npx -y deno@2.9.6 task batch     the analysis again, in words`,
    '  npx -y deno@2.9.6 task predict --text "what a lovely day"',
    "  npx -y deno@2.9.6 task demo --seed 7   another stream",
    "  cp .env.example .env                   then follow a real instance: see the README",
  ];
}

function hashtag({ hashtag, nToots }: HashtagRow): string {
  return `#${hashtag} ${number(nToots)}`;
}

function row(name: string, count: number, note = ""): string {
  return `  ${name.padEnd(13)} ${number(count).padStart(7)}  ${note}`.trimEnd();
}

function text(name: string, value: string): string {
  return `  ${name.padEnd(13)} ${value}`;
}

function number(n: number): string {
  return n.toLocaleString("en");
}

function minute(date: Date): string {
  return date.toISOString().slice(0, 16).replace("T", " ");
}
