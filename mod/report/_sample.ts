/** Made-up report data for the tests of charts: any number of days, any hashtags. */
import { emptyMeasures, emptyReportData } from "../stats/empty_report_data.ts";
import type { GroupRow, ReportData } from "../stats/report_data.ts";
import { DAY_MS } from "./dates.ts";

/** Hashtags of many scripts and lengths; the font lacks some of them. */
export const ODD_HASHTAGS = [
  "fediverse",
  "ThisHashtagIsSoLongThatNoChartHasRoomForItWithoutCuttingItSomewhere",
  "العربية",
  "עברית",
  "東京タワー",
  "한국어",
  "हिन्दी",
  "ไทย",
  "😀😀",
  "👩‍👩‍👧",
  "café",
  "Привет",
  "ελλάδα",
  "a<b&c>\"d'",
  "\u202Eevil",
  "\u0000nul",
  "\uD800lone",
  "🇩🇪",
  "mixed東and漢",
  "x",
];

/** A report of `nDays` days with a fixed pattern of numbers. */
export function sampleData(nDays: number, hashtags: readonly string[] = ODD_HASHTAGS): ReportData {
  const from = Date.UTC(2022, 10, 4);
  const days: GroupRow[] = Array.from({ length: nDays }, (_, i) => {
    const nToots = 300 + ((i * 37) % 11) * 120 + (i % 7 > 4 ? -150 : 0);
    const key = new Date(from + i * DAY_MS).toISOString().slice(0, 10);
    return groupOf(key, nToots, 0.45 + ((i * 13) % 10) / 50);
  });
  const sum = days.reduce((total, day) => total + day.nToots, 0);
  const hours = Array.from(
    { length: 24 },
    (_, h) => groupOf(`${h}`.padStart(2, "0"), 40 + Math.round(60 * Math.sin(h / 4) ** 2), 0.5),
  );
  const languages = ["en", "de", "ja", "fr", "und", "pt-BR", "zxx", "ar"].map((key, i) =>
    groupOf(key, Math.round(sum / 2 ** (i + 1)), 0.5)
  );
  const total = { ...groupOf("", sum, 0.52) };
  return {
    ...emptyReportData(),
    range: { from: new Date(from), to: new Date(from + nDays * DAY_MS) },
    periods: {
      before: { from: new Date(from), to: new Date(from + nDays * DAY_MS / 2) },
      now: { from: new Date(from + nDays * DAY_MS / 2), to: new Date(from + nDays * DAY_MS) },
    },
    computedAt: new Date(from + nDays * DAY_MS),
    total,
    isTotalHeld: false,
    days: { rows: days, nHeld: 0 },
    hours: { rows: hours, nHeld: 1 },
    languages: { rows: languages, nHeld: 2 },
    instances: { rows: [groupOf("mastodon.example", sum, 0.5)], nHeld: 0 },
    sentimentDays: {
      rows: days.flatMap((row, i) =>
        row.sentiment === null
          ? []
          : [{ ...row.sentiment, day: row.key, seProbPos: 0.01 + (i % 4) / 200 }]
      ),
      nHeld: 0,
    },
    hashtags: {
      rows: hashtags.map((hashtag, i) => ({
        ...groupOf(hashtag, Math.round(900 / (i + 1)), 0.5),
        hashtag,
      })),
      nHeld: 12,
    },
    rising: {
      rows: hashtags.map((hashtag, i) => ({
        hashtag,
        nToots: Math.round(400 / (i + 1)),
        nAuthors: 20,
        nTootsBefore: i === 4 ? null : 3 + i,
        share: 0.2 / (i + 1),
        shareBefore: i === 4 ? null : 0.002 * (i + 1),
        z: 12 - i / 2,
      })).filter((row) => row.share > (row.shareBefore ?? 0)),
      nHeld: 3,
    },
  };
}

function groupOf(key: string, nToots: number, positive: number): GroupRow {
  const nScored = Math.round(nToots * 0.8);
  const nPos = Math.round(nScored * positive);
  const nNeg = Math.round((nScored - nPos) * 0.7);
  return {
    ...emptyMeasures(),
    key,
    nToots,
    nAuthors: Math.ceil(nToots / 3),
    sentiment: {
      nAuthors: Math.ceil(nScored / 3),
      nScored,
      nPos,
      nNeg,
      nNeu: nScored - nPos - nNeg,
      avgProbPos: positive,
    },
  };
}
