/**
 * Authors' pseudonyms: the same author gives the same name, and without the key nobody can tell
 * whose it is or try addresses until one fits.
 *
 * @module
 */
import { createHmac, randomBytes } from "node:crypto";

/** Gives an author's address (`user@host`, in lower case) or a status's uri another name. */
export type Pseudonymizer = (name: string) => string;

/** How many authors' names are remembered: a large server's busy day. */
const MAX_REMEMBERED = 50_000;

/**
 * HMAC-SHA-256 of the name, cut to 128 bits and written in base64url (22
 * characters). 128 bits keep the chance that any two of a billion authors share a name below
 * 2e-21 (birthday bound n²/2^129), and half the index of the whole hash.
 *
 * @example
 * ```ts
 * import { hmacPseudonyms } from "./pseudonym.ts";
 * const name = hmacPseudonyms("a key of sixteen+ characters");
 * if (name("ann@a.example") !== name("ann@a.example")) throw new Error();
 * ```
 */
export function hmacPseudonyms(key: string): Pseudonymizer {
  const remembered = new Map<string, string>();
  return (name) => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const hash = createHmac("sha256", key).update(name).digest();
    const pseudonym = hash.subarray(0, 16).toString("base64url");
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(name, pseudonym);
    return pseudonym;
  };
}

/**
 * The key kept in a file, made on first use and readable by its owner only.
 *
 * @throws {Error} if the file cannot be read or written, or holds too little
 */
export async function keyFromFile(path: string): Promise<string> {
  return await readKey(path) ?? await makeKey(path);
}

/** Null if there is no file, or an empty one. */
async function readKey(path: string): Promise<string | null> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  return checkedKey(text, path);
}

/** Of processes that start together one makes the key, and the others wait and read it. */
async function makeKey(path: string): Promise<string> {
  using file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  await file.lock(true);
  const buffer = new Uint8Array(4096);
  const length = await file.read(buffer) ?? 0;
  const held = checkedKey(new TextDecoder().decode(buffer.subarray(0, length)), path);
  if (held !== null) return held;
  const made = randomBytes(32).toString("base64url");
  await file.write(new TextEncoder().encode(made + "\n"));
  await file.sync();
  return made;
}

function checkedKey(text: string, path: string): string | null {
  const key = text.trim();
  // A file that its maker left empty, because it was killed, has never named an author.
  if (key === "") return null;
  if (key.length < 16) throw new Error(`The pseudonym key in "${path}" is too short: restore it`);
  return key;
}
