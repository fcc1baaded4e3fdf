/**
 * The part of `jsr:@std/assert` that this project uses, over `node:assert/strict`, with the same
 * names and signatures. It stands in for the real package where the JSR registry cannot be reached;
 * delete the `links` in deno.json to use the real one.
 *
 * @module
 */
import assertion from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

export { AssertionError } from "node:assert";

// deno-lint-ignore no-explicit-any -- the signature of the real package
type AnyConstructor = abstract new (...args: any[]) => any;

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (msg === "") assertion.ok(expr);
  else assertion.ok(expr, msg);
}

/** Fails unless `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is false | 0 | "" | null {
  if (msg === "") assertion.ok(!expr);
  else assertion.ok(!expr, msg);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (msg === undefined) assertion.deepStrictEqual(actual, expected);
  else assertion.deepStrictEqual(actual, expected, msg);
}

/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (msg === undefined) assertion.notDeepStrictEqual(actual, expected);
  else assertion.notDeepStrictEqual(actual, expected, msg);
}

/** Fails unless both are the same value by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (msg === undefined) assertion.strictEqual(actual, expected);
  else assertion.strictEqual(actual, expected, msg);
}

/** Fails unless the difference is at most `tolerance` (default: 1e-7 of `expected`). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (Math.abs(expected - actual) <= allowed) return;
  fail(msg ?? `Expected ${actual} to be within ${allowed} of ${expected}`);
}

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) fail(msg ?? `Expected ${actual} > ${expected}`);
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) fail(msg ?? `Expected ${actual} >= ${expected}`);
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) fail(msg ?? `Expected ${actual} < ${expected}`);
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) fail(msg ?? `Expected ${actual} <= ${expected}`);
}

/** Fails on `null` and `undefined`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    fail(msg ?? `Expected a value, found ${actual}`);
  }
}

/** Fails unless `actual` was made by `expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  assertion.ok(actual instanceof expectedType, msg || `Expected a ${expectedType.name}`);
}

/** Fails unless `actual` matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (msg === undefined) assertion.match(actual, expected);
  else assertion.match(actual, expected, msg);
}

/** Fails if `actual` matches. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (msg === undefined) assertion.doesNotMatch(actual, expected);
  else assertion.doesNotMatch(actual, expected, msg);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    fail(msg ?? `Expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`);
  }
}

/** Fails unless each expected element has a deep equal in `actual`. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
): void {
  const missing = Array.from(expected).filter((wanted) =>
    !Array.from(actual).some((found) => isDeepStrictEqual(found, wanted))
  );
  assertion.ok(missing.length === 0, msg ?? `Missing ${JSON.stringify(missing)}`);
}

/** Fails unless every property of `expected` has a deep equal in `actual`. */
export function assertObjectMatch(
  actual: Record<PropertyKey, unknown>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  if (msg === undefined) assertion.partialDeepStrictEqual(actual, expected);
  else assertion.partialDeepStrictEqual(actual, expected, msg);
}

/** Fails unless `fn` throws (an `ErrorClass` whose message contains `msgIncludes`); gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  // deno-lint-ignore no-explicit-any -- the signature of the real package
  ErrorClass?: abstract new (...args: any[]) => E,
  msgIncludes = "",
  msg?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checked(error, ErrorClass, msgIncludes, msg);
  }
  fail(msg ?? "Expected the function to throw");
}

/** Like {@linkcode assertThrows} for a promise. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any -- the signature of the real package
  ErrorClass?: abstract new (...args: any[]) => E,
  msgIncludes = "",
  msg?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checked(error, ErrorClass, msgIncludes, msg);
  }
  fail(msg ?? "Expected the promise to be rejected");
}

function checked<E extends Error>(
  error: unknown,
  // deno-lint-ignore no-explicit-any -- see above
  ErrorClass: (abstract new (...args: any[]) => E) | undefined,
  msgIncludes: string,
  msg: string | undefined,
): E {
  const wanted = ErrorClass ?? Error;
  if (!(error instanceof wanted)) {
    fail(msg ?? `Expected a ${wanted.name}, found ${error}`);
  }
  assertStringIncludes(error.message, msgIncludes, msg);
  // With no class given, E is its default, Error, which was just checked.
  return error as E;
}

/** Fails with a message. */
export function fail(msg = "Failed"): never {
  assertion.fail(msg);
}

/** Fails because this place must not be reached. */
export function unreachable(reason = "Unreachable"): never {
  assertion.fail(reason);
}
