/** A pause between the rounds of a loop that can be ended early. */
export class WakeablePause {
  #woken = false;
  #wakeUp: () => void = () => {};

  /** Ends the current pause, or the next one if there is none. */
  wake(): void {
    this.#woken = true;
    this.#wakeUp();
  }

  /** Pauses for `delayMs` milliseconds, or until wake(). Lasts one turn of the event loop at least, so that no loop can spin. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#woken = false;
        this.#wakeUp = () => {};
        resolve();
      };
      const timer = setTimeout(done, this.#woken ? 0 : Math.max(1, delayMs));
      this.#wakeUp = done;
    });
  }
}
