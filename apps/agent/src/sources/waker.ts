/** Waits that can be cut short. A call while nobody waits cuts the next wait short. */
export class Waker {
  private isAwake = false;
  private end: () => void = () => undefined;

  wake(): void {
    this.isAwake = true;
    this.end();
  }

  /** Calls so far cut nothing short. */
  forget(): void {
    this.isAwake = false;
  }

  async wait(longestMs: number): Promise<void> {
    if (!this.isAwake) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longestMs);
        this.end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.isAwake = false;
  }
}
