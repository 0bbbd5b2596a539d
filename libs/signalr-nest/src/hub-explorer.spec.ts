import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Scope, type Provider } from '@nestjs/common';
import { HubMethod, SignalRHub, SignalRModule } from './index.js';
import { Multiplier, ServedHub } from './testing/counting-hub.js';
import { NestApplication } from './testing/nest-application.js';

let application: NestApplication | undefined;
afterEach(() => application?.close());

const imports = [SignalRModule.forRoot({ drainMs: 0 })];

describe('the hubs of an application', () => {
  it('does not start with two hubs at one path, two methods of a name, or a hub that is not made once', async () => {
    @SignalRHub('/Counting')
    class Twin {}
    @SignalRHub('/scoped')
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {}
    @SignalRHub('/transient')
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {}
    @SignalRHub('/same')
    class Same {
      @HubMethod({ name: 'say' })
      one(): void {}

      @HubMethod({ name: 'say' })
      other(): void {}
    }
    const startWith = (...providers: Provider[]) =>
      NestApplication.start({ imports, providers: [...providers, Multiplier] });
    await expect(startWith(ServedHub, Twin)).rejects.toThrow("There is a hub at '/Counting' already.");
    await expect(startWith(Scoped)).rejects.toThrow("The hub at '/scoped' must be made once for all.");
    await expect(startWith(Transient)).rejects.toThrow("The hub at '/transient' must be made once for all.");
    await expect(startWith(Same)).rejects.toThrow("Two hub methods are named 'say'.");
  });

  it('finds hubs that factories make, and each once', async () => {
    const made = { provide: ServedHub, useFactory: () => new ServedHub(new Multiplier()) };
    const alias = { provide: 'alias', useExisting: ServedHub };
    application = await NestApplication.start({
      imports,
      providers: [made, alias, { provide: 'nothing', useValue: null }],
    });
    const client = await application.connect('/counting');
    expect(await client.invoke('multiply', 2)).toBe(-20);
  });
});
