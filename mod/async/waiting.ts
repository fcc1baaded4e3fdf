/** Waits, or stops waiting when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

/** What a promise gives, or null if it takes longer or the signal aborts before. */
export async function within<T>(
  promise: Promise<T>,
  { ms, signal }: { ms: number; signal?: AbortSignal },
): Promise<{ readonly value: T } | null> {
  const over = new AbortController();
  const signals = signal === undefined ? [over.signal] : [over.signal, signal];
  try {
    return await Promise.race([
      promise.then((value) => ({ value })),
      sleep(ms, AbortSignal.any(signals)).then(() => null),
    ]);
  } finally {
    over.abort();
    promise.catch(() => {});
  }
}

/** Waits for a promise for a limited time; its outcome is dropped. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  await within(promise.catch(() => {}), { ms });
}
