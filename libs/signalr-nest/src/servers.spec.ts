import { afterEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SignalRServer, type HubContext } from '@ringback/signalr';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HubEndpoints, HubMethod, SignalRHub, SignalRModule } from './index.js';
import { Multiplier, ServedHub } from './testing/counting-hub.js';
import { NestApplication } from './testing/nest-application.js';

@SignalRHub('/inner', { server: 'inner' })
class InnerHub {
  @HubMethod()
  who({ connectionId }: HubContext): string {
    return connectionId;
  }
}

/** Routes to its hub by itself, at another path. */
@Injectable()
class InnerRouter implements OnApplicationBootstrap {
  constructor(
    @Inject(HubEndpoints) readonly endpoints: HubEndpoints,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    const { endpoints } = this;
    putInFront(server, 'request', (...[request, response]) =>
      endpoints.handle(request, response as ServerResponse),
    );
    putInFront(server, 'upgrade', (...[request, socket, head]) =>
      endpoints.upgrade(request, socket as Duplex, head as Buffer),
    );
  }
}

function putInFront(
  server: Server,
  event: 'request' | 'upgrade',
  owns: (request: IncomingMessage, ...rest: unknown[]) => boolean,
): void {
  const others = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (request: IncomingMessage, ...rest: unknown[]) => {
    request.url = request.url?.replace('/outside', '/inner') ?? '';
    if (owns(request, ...rest)) return;
    for (const other of others) Reflect.apply(other, server, [request, ...rest]);
  });
}

@Module({
  imports: [
    SignalRModule.forRoot({ server: 'inner', attach: false, drainMs: 0, authenticate: async () => 'inner' }),
  ],
  providers: [InnerHub, InnerRouter],
})
class InnerModule {}

let application: NestApplication | undefined;
afterEach(() => application?.close());

describe('two servers in one application', () => {
  it('have their own hubs, settings and clients', async () => {
    application = await NestApplication.start({
      imports: [SignalRModule.forRoot({ drainMs: 0 }), InnerModule],
      providers: [ServedHub, Multiplier],
    });
    const { app } = application;
    const [outer, inner] = [app.get(SignalRServer), app.get(InnerRouter).endpoints.server];
    expect([outer.hubAt('/inner') === undefined, inner.hubAt('/counting') === undefined]).toEqual([
      true,
      true,
    ]);
    const [counting, outside] = [
      await application.connect('/counting'),
      await application.connect('/outside'),
    ];
    expect(await counting.invoke('multiply', 2)).toBe(-20);
    expect(await outside.invoke('who')).toBe(outside.connectionId);
    expect([outer.hubAt('/counting')?.connectionCount, inner.hubAt('/inner')?.connectionCount]).toEqual([
      1, 1,
    ]);
  });

  it('are both there: a hub that names another does not let the application start', async () => {
    const started = NestApplication.start({
      imports: [SignalRModule.forRoot({ drainMs: 0 })],
      providers: [InnerHub],
    });
    await expect(started).rejects.toThrow(
      "The hub at '/inner' names the server 'inner', which no SignalRModule is.",
    );
  });
});
