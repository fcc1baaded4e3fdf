/** The same analysis by other means: loops over arrays, for tests to compare with. */
import type { SeededToot } from "./_seeded_toots.ts";
import type { GroupMeasures, SentimentCounts } from "./report_data.ts";

/** Toots by the value of a key. */
export function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    group.push(item);
    groups.set(keyOf(item), group);
  }
  return groups;
}

/** How many different authors. */
export function authorsOf(toots: readonly SeededToot[]): number {
  return new Set(toots.map((toot) => toot.author)).size;
}

/** Measures of a group, its sentiment held back as in a report. */
export function measuresOf(toots: readonly SeededToot[], minAuthors: number): GroupMeasures {
  const where = (test: (toot: SeededToot) => boolean) => toots.filter(test).length;
  const sum = (valueOf: (toot: SeededToot) => number) =>
    toots.reduce((total, toot) => total + valueOf(toot), 0);
  return {
    nToots: toots.length,
    nAuthors: authorsOf(toots),
    nBotToots: where((toot) => toot.isBot),
    nReplies: where((toot) => toot.isReply),
    nWithMedia: where((toot) => toot.mediaCount > 0),
    nBoosts: sum((toot) => toot.boosts),
    avgLength: toots.length === 0 ? 0 : sum((toot) => [...toot.text].length) / toots.length,
    sentiment: sentimentOf(toots, minAuthors),
  };
}

/** Sentiment of a group, null where it is to be held back. */
export function sentimentOf(
  toots: readonly SeededToot[],
  minAuthors: number,
): SentimentCounts | null {
  const scored = toots.filter((toot) => toot.label !== null);
  const nAuthors = authorsOf(scored);
  if (nAuthors > 0 && nAuthors < minAuthors) return null;
  const labelled = (label: string) => scored.filter((toot) => toot.label === label).length;
  const micro = scored.reduce((total, toot) => total + toot.probMicro, 0);
  return {
    nAuthors,
    nScored: scored.length,
    nPos: labelled("positive"),
    nNeg: labelled("negative"),
    nNeu: labelled("neutral"),
    avgProbPos: scored.length === 0 ? null : micro / 1_000_000 / scored.length,
  };
}

/** Standard error of the mean probability with toots clustered by author, residual by residual. */
export function clusteredError(toots: readonly SeededToot[]): number | null {
  const scored = toots.filter((toot) => toot.label !== null);
  const clusters = groupBy(scored, (toot) => toot.author);
  if (clusters.size < 2) return null;
  const mean = scored.reduce((total, toot) => total + toot.probMicro / 1e6, 0) / scored.length;
  let meat = 0;
  for (const cluster of clusters.values()) {
    meat += cluster.reduce((total, toot) => total + toot.probMicro / 1e6 - mean, 0) ** 2;
  }
  return Math.sqrt(meat * clusters.size / (clusters.size - 1)) / scored.length;
}
