import type { InboundControl, InboundQueue } from '@ringback/gateway-kit';
import type { InboundFlow, InboundSource } from '@ringback/signalr';
import { GATEWAY } from './signalr.options.js';

/** What one client of a hub sends, on its way to the hub: message after message, each in its turn. */
export class SignalRInbound implements InboundFlow {
  readonly queue: InboundQueue;

  constructor(control: InboundControl, source: InboundSource) {
    this.queue = control.open({
      gateway: GATEWAY,
      get bufferedBytes() {
        return source.bufferedBytes;
      },
      get carrier() {
        return source.carrier;
      },
      pause: () => source.pause(),
      resume: () => source.resume(),
    });
  }

  get waitingBytes(): number {
    return this.queue.waitingBytes;
  }

  add(bytes: number, work: () => boolean): void {
    this.queue.add(bytes, work);
  }

  finish(onFinished: () => void): void {
    this.queue.finish(onFinished);
  }

  close(): void {
    this.queue.close();
  }

  onUnboundCall(): void {
    this.queue.fail('bad-request');
  }
}
