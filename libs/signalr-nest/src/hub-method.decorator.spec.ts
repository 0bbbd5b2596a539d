import { describe, expect, it } from '@jest/globals';
import type { ArgumentCheck, HubContext } from '@ringback/signalr';
import { HubMethod, type TypedHubContext } from './index.js';

const isNumber: ArgumentCheck<number> = (value) => typeof value === 'number';

describe('HubMethod', () => {
  it('takes no method that does not take what clients send', () => {
    class Wrong {
      // @ts-expect-error: the context comes first
      @HubMethod({ args: [isNumber] })
      noContext(value: number): number {
        return value;
      }

      // @ts-expect-error: a number is checked, not a text
      @HubMethod({ args: [isNumber] })
      otherType(_: HubContext, value: string): string {
        return value;
      }

      // @ts-expect-error: one argument is checked, not two
      @HubMethod({ args: [isNumber] })
      tooMany(_: HubContext, value: number, more: string): string {
        return more + value;
      }

      @HubMethod({ args: [isNumber, isNumber] })
      fewer(_: TypedHubContext<{ told(text: string): void }>, value: number): number {
        return value;
      }
    }
    expect(new Wrong()).toBeInstanceOf(Wrong);
  });
});
