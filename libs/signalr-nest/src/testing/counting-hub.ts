import { Injectable } from '@nestjs/common';
import type { ArgumentCheck, HubContext } from '@ringback/signalr';
import { HubMethod, SignalRHub } from '../index.js';

const isNumber: ArgumentCheck<number> = (value) => typeof value === 'number';

/** What a hub may want to have injected. */
@Injectable()
export class Multiplier {
  readonly factor = 10;
}

/** One of every kind of method. */
@Injectable()
class CountingHub {
  readonly gone: (string | undefined)[] = [];

  constructor(private readonly multiplier: Multiplier) {}

  @HubMethod({ args: [isNumber] })
  multiply(_: HubContext, value: number): number {
    return value * this.multiplier.factor;
  }

  @HubMethod({ args: 1, stream: true, name: 'Count' })
  async *countUp({ signal }: HubContext, to: number): AsyncIterable<number> {
    for (let value = 1; value <= to && !signal.aborted; value++) yield value;
  }

  @HubMethod({ uploads: 1 })
  async sum(_: HubContext, values: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const value of values) sum += value;
    return sum;
  }

  @HubMethod()
  ask({ clients }: HubContext): Promise<unknown> {
    return clients.caller.invoke('question');
  }

  @HubMethod({ authorize: ({ userId }) => userId === 'root' })
  forbidden(): string {
    return 'secret';
  }

  hidden(): string {
    return 'not for clients';
  }

  onDisconnected(_: HubContext, error?: Error): void {
    this.gone.push(error?.message);
  }
}

/** The same with one of them overridden, as it is served. */
@SignalRHub('/counting')
export class ServedHub extends CountingHub {
  override multiply(context: HubContext, value: number): number {
    return -super.multiply(context, value);
  }
}
