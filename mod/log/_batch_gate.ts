/** Lets a limited number of batches through at a time, and now and then somebody alone. */
export class BatchGate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #alone = false;
  #emptied: (() => void) | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether nothing runs. */
  get isIdle(): boolean {
    return this.#running === 0 && !this.#alone;
  }

  /** Runs `work` as one of the limited number. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone || this.#running >= this.#limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      if (this.#running === 0) this.#emptied?.();
      this.#wake();
    }
  }

  /** Runs `work` when nothing else runs, and nothing else while it runs. One at a time. */
  async passAlone(work: () => Promise<void>): Promise<void> {
    this.#alone = true;
    try {
      if (this.#running > 0) await new Promise<void>((resolve) => this.#emptied = resolve);
      this.#emptied = null;
      await work();
    } finally {
      this.#alone = false;
      this.#wake();
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
