/** Collects lines of text from several streams and lets readers wait for one. */
export class LineBuffer {
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #closed = false;

  /** The lines so far, in the order of arrival. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** All lines as one text. */
  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  /** Whether no more lines will come. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Reads a stream to its end. A last line without a line feed counts. */
  async pump(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split(/\r?\n/);
      rest = parts.pop() ?? "";
      for (const line of parts) this.#lines.push(line);
      if (parts.length > 0) this.#wake();
    }
    if (rest !== "") this.#lines.push(rest);
    this.#wake();
  }

  /** No more lines will come. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** The first line that matches, or `undefined` if none comes before the end or the deadline. */
  async find(
    pattern: RegExp,
    { after, timeoutMs }: { after: number; timeoutMs: number },
  ): Promise<string | undefined> {
    // A pattern with the flag g or y would remember where it was.
    const matcher = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    const deadline = performance.now() + timeoutMs;
    let next = after;
    while (true) {
      for (; next < this.#lines.length; next++) {
        const line = this.#lines[next];
        if (line !== undefined && matcher.test(line)) return line;
      }
      const left = deadline - performance.now();
      if (this.#closed || left <= 0) return undefined;
      await this.#change(left);
    }
  }

  async #change(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
