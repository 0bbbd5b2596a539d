import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import { HubMethod, SignalRHub, SignalRModule } from './index.js';
import { NestApplication } from './testing/nest-application.js';
let app: NestApplication | undefined;
afterEach(() => app?.close());
@Injectable() class Dep { readonly x = 7; }
describe('probe', () => {
  it('transient', async () => {
    @SignalRHub('/t') @Injectable({ scope: Scope.TRANSIENT })
    class T { constructor(private readonly dep: Dep) {} @HubMethod() get(): number { return this.dep.x; } }
    app = await NestApplication.start({ imports: [SignalRModule.forRoot({ drainMs: 0, detailedErrors: true })], providers: [T, Dep] });
    const c = await app.connect('/t');
    expect(await c.invoke('get')).toBe(7);
  });
  it('twins', async () => {
    @SignalRHub('/w') class W { @HubMethod({ name: 'x' }) a(): string { return 'a'; } @HubMethod({ name: 'x' }) b(): string { return 'b'; } }
    await expect(NestApplication.start({ imports: [SignalRModule.forRoot({ drainMs: 0 })], providers: [W] })).rejects.toThrow();
  });
});
