import { isPausable, type Pausable } from './flow-control.js';

/** Lets several keep a client from sending: it goes on when the last of them lets it. */
export class SharedPause implements Pausable {
  private holders = 0;

  /** `source` is paused if it can be. */
  constructor(
    private source: object,
    private readonly onChange: (paused: boolean) => void,
  ) {}

  pause(): void {
    this.holders += 1;
    if (this.holders === 1) this.set(true);
  }

  resume(): void {
    this.holders -= 1;
    if (this.holders === 0) this.set(false);
  }

  /** From now on another source is paused. */
  setSource(source: object): void {
    const paused = this.holders > 0;
    if (paused) this.set(false);
    this.source = source;
    if (paused) this.set(true);
  }

  private set(paused: boolean): void {
    this.onChange(paused);
    if (!isPausable(this.source)) return;
    if (paused) this.source.pause();
    else this.source.resume();
  }
}
