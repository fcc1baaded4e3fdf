/**
 * `.env.example`, rendered from the settings so that the two cannot disagree. To write it anew:
 * `deno run -A mod/config/env_example.ts > .env.example`.
 *
 * @module
 */
import { type Setting, SETTINGS } from "./settings.ts";

/** What the file says before its first setting. */
const INTRODUCTION = [
  "Settings of Mastodon Pulse. Copy this file to .env and change what you need.",
  "Nothing has to be set: the demo runs without. An empty value means unset, a value with a # in",
  "it needs quotes, and a variable of the environment wins over this file.",
];

/** Longest line of a comment, in characters. */
const WIDTH = 100;

/**
 * Renders an environment file that holds every setting: what it is for and what it takes as a
 * comment, then the variable with its default, or with nothing where there is none. Secrets are
 * always empty.
 *
 * @example
 * ```ts
 * import { renderEnvExample } from "./env_example.ts";
 * if (!renderEnvExample().includes("\nWINDOW_S=60\n")) throw new Error();
 * ```
 */
export function renderEnvExample(settings: Readonly<Record<string, Setting>> = SETTINGS): string {
  const blocks = Object.entries(settings).map(([name, setting]) => [
    ...comment(setting.help),
    ...expectation(setting),
    `${name}=${setting.secret ? "" : setting.fallback ?? ""}`,
  ]);
  return [INTRODUCTION.map((line) => `# ${line}`), ...blocks].map((lines) => lines.join("\n"))
    .join("\n\n") + "\n";
}

/** What the variable takes, unless the help says so already or anything will do. */
function expectation({ schema, help }: Setting): string[] {
  const { description = "" } = schema;
  return ["", "some text"].includes(description) || help.includes(description)
    ? []
    : comment(`Takes ${description}.`);
}

/** A text as lines of a comment, broken between words. */
function comment(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(`# ${word}`);
    }
  }
  return lines;
}

if (import.meta.main) Deno.stdout.writeSync(new TextEncoder().encode(renderEnvExample()));
