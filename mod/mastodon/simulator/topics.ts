/**
 * What the simulated people tag: topics with their hours of the day, and one that rises on the
 * last day.
 *
 * @module
 */
import type { Random } from "./random.ts";

interface Topic {
  readonly tag: string;
  readonly weight: number;
  /** Languages that use it; all if left out. */
  readonly languages?: readonly (string | null)[];
  /** UTC hours [from, to) in which it is used; always if left out. */
  readonly hours?: readonly [from: number, to: number];
}

const TOPICS: readonly Topic[] = [
  { tag: "Caturday", weight: 9, languages: ["en", "de", "fr", "es"] },
  { tag: "photography", weight: 8 },
  { tag: "OpenSource", weight: 8, languages: ["en", "de", "fr", "es"] },
  { tag: "coffee", weight: 14, languages: ["en"], hours: [6, 11] },
  { tag: "NowPlaying", weight: 10, hours: [17, 24] },
  { tag: "Bookstodon", weight: 6, languages: ["en"] },
  { tag: "gardening", weight: 4, languages: ["en"], hours: [8, 19] },
  { tag: "Rust", weight: 3, languages: ["en", "de", "ja"] },
  { tag: "SilentSunday", weight: 3, languages: ["en"] },
  { tag: "Feierabend", weight: 14, languages: ["de"], hours: [15, 20] },
  { tag: "Frühstück", weight: 9, languages: ["de"], hours: [5, 10] },
  { tag: "Straßenbahn", weight: 4, languages: ["de"] },
  { tag: "おはよう", weight: 14, languages: ["ja"], hours: [20, 24] },
  { tag: "猫", weight: 9, languages: ["ja"] },
  { tag: "ラーメン部", weight: 5, languages: ["ja"] },
  { tag: "صباح_الخير", weight: 12, languages: ["ar"], hours: [4, 10] },
  { tag: "كتب", weight: 7, languages: ["ar"] },
  { tag: "BuenosDías", weight: 9, languages: ["es"], hours: [6, 12] },
  { tag: "cocina", weight: 6, languages: ["es"] },
  { tag: "Vélo", weight: 7, languages: ["fr"] },
  { tag: "lecture", weight: 6, languages: ["fr"] },
  { tag: "✨", weight: 2 },
  { tag: "DonaudampfschifffahrtsgesellschaftskapitänsmützenSammlerTreffen2026", weight: 1 },
];

/** The tag of the topic that rises on the last day. */
export const RISING_TAG = "AuroraWatch";

/** What people say about the rising topic in English. */
export const RISING_TEXTS: readonly string[] = [
  "The sky over the harbour is GREEN. I'm crying, it's so beautiful!",
  "Aurora visible with the naked eye tonight, get outside, it's amazing!",
  "Clouds. Of course. Everyone sees the aurora except me, so disappointed.",
  "Is that an aurora or the football stadium? Asking for my whole street.",
  "Kp index is at 8 now. Look north after dark.",
  "Never seen anything like it: pink curtains over the roofs. Best night of my life.",
  "Set the alarm for 2 am, forgot the tripod, happy anyway. What a night!",
];

/**
 * Draws the hashtags of one toot.
 *
 * @param when `hour` in UTC, `risen` from 0 to 1: how present the rising topic is.
 */
export function drawTags(
  random: Random,
  when: { language: string | null; hour: number; risen: number },
): string[] {
  const tags: string[] = [];
  if (random.chance(0.004 + 0.38 * when.risen)) tags.push(RISING_TAG);
  if (!random.chance(0.42)) return tags;
  const fitting = TOPICS.filter((topic) =>
    (topic.languages === undefined || topic.languages.includes(when.language)) &&
    (topic.hours === undefined || (when.hour >= topic.hours[0] && when.hour < topic.hours[1]))
  );
  const count = random.pick([1, 1, 1, 2, 2, 3]);
  for (let i = 0; i < count; i++) {
    const { tag } = random.weighted(fitting);
    if (!tags.includes(tag)) tags.push(tag);
  }
  return tags;
}
