import fc from "fast-check";

/** Any UTF-16 text, with more than its share of what breaks readers: NUL and lone surrogates. */
export function anyText(maxLength = 12): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(0, 0x1f, 0xa0, 0xd83d, 0xdc18, 0x200b, 0xfeff, 0xffff),
    },
  );
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}
