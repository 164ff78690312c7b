/** A flag that one side raises and one side waits for and lowers. Raising it twice before it is seen counts once. */

export class Flag {
  #raised = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#wake?.();
  }

  /** Resolves once the flag is raised, and lowers it; rejects with the signal's reason when it is aborted. */
  async lowered(signal: AbortSignal): Promise<void> {
    while (!this.#raised) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener("abort", wake);
          this.#wake = undefined;
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener("abort", wake, { once: true });
      });
    }
    this.#raised = false;
  }
}
