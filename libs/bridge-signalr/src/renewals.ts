/** Renews an event's subscription a while after it was asked to, once however often it is asked meanwhile. */
export class Renewals {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly afterMs: number,
    private readonly renew: (eventguid: string) => void,
  ) {}

  ask(eventguid: string): void {
    if (this.timers.has(eventguid)) return;
    const timer = setTimeout(() => {
      this.timers.delete(eventguid);
      this.renew(eventguid);
    }, this.afterMs);
    timer.unref();
    this.timers.set(eventguid, timer);
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }
}
