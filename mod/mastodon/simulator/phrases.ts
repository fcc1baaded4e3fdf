/**
 * What the simulated people say: per language, templates with a clear mood and the words for their
 * slots.
 *
 * @module
 */
import { ENGLISH } from "./phrases_en.ts";
import { FRENCH, GERMAN, SPANISH } from "./phrases_eu.ts";
import { ARABIC, JAPANESE, UNKNOWN } from "./phrases_world.ts";
import type { Random } from "./random.ts";

/** The mood a template was written in. */
export type Mood = "positive" | "negative" | "neutral";

/** The slots of a template besides `{n}`, from 2 to 49, and `{h}`, from 8 to 20. */
export type Slot = "thing" | "animal" | "work" | "food" | "place";

/** Templates and words of one language. */
export interface PhraseBook extends Readonly<Record<Mood, readonly string[]>> {
  /** Put behind the text. */
  readonly closers: readonly string[];
  readonly words: Readonly<Record<Slot, readonly string[]>>;
}

/** A language as the simulated people speak it. */
export interface Language {
  /** As in a status's `language`. */
  readonly code: string | null;
  /** How many of the authors speak it, relative to the others. */
  readonly weight: number;
  readonly book: PhraseBook;
}

/** The languages spoken, English most. */
export const LANGUAGES: readonly Language[] = [
  { code: "en", weight: 56, book: ENGLISH },
  { code: "de", weight: 16, book: GERMAN },
  { code: "ja", weight: 9, book: JAPANESE },
  { code: "es", weight: 7, book: SPANISH },
  { code: "fr", weight: 7, book: FRENCH },
  { code: "ar", weight: 3, book: ARABIC },
  { code: null, weight: 2, book: UNKNOWN },
];

const MOODS: readonly { readonly mood: Mood; readonly weight: number }[] = [
  { mood: "positive", weight: 44 },
  { mood: "negative", weight: 28 },
  { mood: "neutral", weight: 28 },
];

/** Faces and hearts that fit a mood in every language. */
const FACES: Readonly<Record<Mood, readonly string[]>> = {
  positive: [" 😀", " ❤️", " :)", " <3", " 🎉", " 😍"],
  negative: [" 😞", " :(", " 😡", " 💔", " :/"],
  neutral: [""],
};

/** Draws a mood, more often a good one than a bad one. */
export function drawMood(random: Random): Mood {
  return random.weighted(MOODS).mood;
}

/** One or two sentences in a language and a mood. */
export function compose(random: Random, options: { language: Language; mood: Mood }): string {
  const { book } = options.language;
  const sentence = fill(random, { book, template: random.pick(book[options.mood]) });
  const closer = random.pick(book.closers) +
    (random.chance(0.25) ? random.pick(FACES[options.mood]) : "");
  if (!random.chance(0.25)) return sentence + closer;
  const second = fill(random, { book, template: random.pick(book[options.mood]) });
  const gap = random.chance(0.5) ? "\n\n" : " ";
  return sentence + gap + second + closer;
}

function fill(random: Random, options: { book: PhraseBook; template: string }): string {
  return options.template.replaceAll(
    /\{(n|h|thing|animal|work|food|place)\}/g,
    (whole, slot: string) => {
      if (slot === "n") return String(random.between(2, 49));
      if (slot === "h") return String(random.between(8, 20));
      for (const [name, words] of Object.entries(options.book.words)) {
        if (name === slot) return random.pick(words);
      }
      return whole;
    },
  );
}
