import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { hmacPseudonyms, keyFromFile } from "./pseudonym.ts";

Deno.test("hmacPseudonyms() names alike, and differently by key", () => {
  const name = hmacPseudonyms("a key of sixteen+ characters");
  assertMatch(name("ann@a.example"), /^[\w-]{22}$/);
  assertEquals(name("ann@a.example"), name("ann@a.example"));
  assertNotEquals(name("ann@b.example"), name("ann@a.example"));
  assertNotEquals(hmacPseudonyms("another key of 16+")("ann@a.example"), name("ann@a.example"));
});

Deno.test("hmacPseudonyms() is HMAC-SHA-256, cut to 128 bits", () => {
  // Test case 2 of RFC 4231: key "Jefe", data "what do ya want for nothing?".
  const bytes = Uint8Array.fromHex("5bdcc146bf60754e6a042426089575c7");
  const expected = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  assertEquals(hmacPseudonyms("Jefe")("what do ya want for nothing?"), expected);
});

Deno.test("hmacPseudonyms() stays true when it forgets", () => {
  const name = hmacPseudonyms("a key of sixteen+ characters");
  const first = name("0@a.example");
  for (let i = 1; i <= 50_001; i++) name(`${i}@a.example`);
  assertEquals(name("0@a.example"), first);
});

Deno.test("keyFromFile() makes one key, for whoever asks, and keeps it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/pseudonym.key`;
    const keys = await Promise.all(Array.from({ length: 8 }, () => keyFromFile(path)));
    assertEquals(new Set(keys).size, 1);
    assertMatch(keys[0] ?? "", /^[\w-]{43}$/);
    assertEquals(await keyFromFile(path), keys[0]);
    if (Deno.build.os !== "windows") {
      assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("keyFromFile() mends an empty file and refuses a broken one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/empty`, "");
    assertMatch(await keyFromFile(`${folder}/empty`), /^[\w-]{43}$/);
    await Deno.writeTextFile(`${folder}/short`, "too short\n");
    await assertRejects(() => keyFromFile(`${folder}/short`), Error, "too short: restore it");
    await assertRejects(() => keyFromFile(`${folder}/no/folder`), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
