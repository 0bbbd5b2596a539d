import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpTransportType, JsonHubProtocol, Subject } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  type OnModuleInit,
  type ModuleMetadata,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { waitFor } from '@ringback/conformance';
import { MemoryBackplane, randomTokens, SignalRServer, type HubContext } from '@ringback/signalr';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { HubMethod, SignalRHub, SignalRModule } from './index.js';
import { Multiplier, ServedHub } from './testing/counting-hub.js';
import { NestApplication } from './testing/nest-application.js';

const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;

let application: NestApplication;
afterEach(() => application.close());

const start = async (metadata: ModuleMetadata): Promise<NestApplication> => {
  application = await NestApplication.start(metadata);
  return application;
};

@Controller()
class PlainController {
  @Get('plain')
  plain(): string {
    return 'plain';
  }
}

const counting: ModuleMetadata = {
  imports: [SignalRModule.forRoot({ drainMs: 0 })],
  controllers: [PlainController],
  providers: [ServedHub, Multiplier],
};

describe('SignalRModule', () => {
  it.each([
    ['WebSockets, json', WebSockets, new JsonHubProtocol()],
    ['WebSockets, messagepack', WebSockets, new MessagePackHubProtocol()],
    ['ServerSentEvents, json', ServerSentEvents, new JsonHubProtocol()],
    ['LongPolling, json', LongPolling, new JsonHubProtocol()],
    ['LongPolling, messagepack', LongPolling, new MessagePackHubProtocol()],
  ] as const)('serves a provider to the stock client, over %s', async (_, transport, protocol) => {
    const { app } = await start(counting);
    const client = await application.connect('/counting', { transport }, protocol);
    client.on('question', () => 'answer');
    expect(await client.invoke('multiply', 4)).toBe(-40);
    expect(await client.invoke('ask')).toBe('answer');
    const subject = new Subject<number>();
    const sum = client.invoke('Sum', subject);
    for (const value of [1, 2, 3]) subject.next(value);
    subject.complete();
    expect(await sum).toBe(6);
    const counted: number[] = [];
    await new Promise<void>((resolve, reject) => {
      const next = (value: number): void => void counted.push(value);
      client.stream<number>('count', 3).subscribe({ next, error: reject, complete: resolve });
    });
    expect(counted).toEqual([1, 2, 3]);
    await client.stop();
    await waitFor(() => app.get(ServedHub).gone.length === 1, 'the disconnect');
    expect(app.get(ServedHub).gone).toEqual([undefined]);
  });

  it('lets clients call what is a hub method, with what it takes, and nothing else', async () => {
    await start({ ...counting, imports: [SignalRModule.forRoot({ drainMs: 0, detailedErrors: true })] });
    const client = await application.connect('/counting');
    for (const name of ['hidden', 'countUp', 'onDisconnected', 'constructor', 'gone', 'toString']) {
      await expect(client.invoke(name)).rejects.toThrow('Method does not exist');
    }
    await expect(client.invoke('multiply', 'text')).rejects.toThrow('Error binding arguments');
    await expect(client.invoke('multiply')).rejects.toThrow('provides 0 argument(s) but target expects 1');
    await expect(client.invoke('forbidden')).rejects.toThrow('because user is unauthorized');
  });

  it('leaves the requests and upgrades of others alone', async () => {
    const { url } = await start(counting);
    const client = await application.connect('/counting');
    expect(await (await fetch(`${url}/plain`)).text()).toBe('plain');
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(socket, 'close');
    expect(await client.invoke('multiply', 1)).toBe(-10);
  });

  it('leaves upgrades to who listened before it', async () => {
    const paths: (string | undefined)[] = [];
    @Injectable()
    class OtherServer implements OnModuleInit {
      constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

      onModuleInit(): void {
        const server = this.host.httpAdapter.getHttpServer() as Server;
        server.on('upgrade', ({ url }, socket) => {
          paths.push(url);
          socket.end('HTTP/1.1 418 Here\r\n\r\n');
        });
      }
    }
    const { url } = await start({ ...counting, providers: [ServedHub, Multiplier, OtherServer] });
    const client = await application.connect('/counting');
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect([answer.toString().slice(9, 12), paths]).toEqual(['418', ['/other']]);
    expect(await client.invoke('multiply', 1)).toBe(-10);
    socket.destroy();
  });

  it('sends its clients away when the application shuts down, to come back elsewhere', async () => {
    const { app } = await start(counting);
    const client = await application.connect('/counting');
    const closed = new Promise((resolve) => client.onclose(resolve));
    await app.close();
    await closed;
    expect(app.get(ServedHub).gone).toHaveLength(1);
  });

  it('asks who comes, issues tokens for each path, and lets a hub differ', async () => {
    const issued: string[] = [];
    const tokens = (path: string) => {
      issued.push(path);
      return randomTokens;
    };
    @SignalRHub('/open', { authenticate: async () => 'root', userId: () => 'guest' })
    class OpenHub {
      @HubMethod()
      who({ user, userId }: HubContext): unknown {
        return { user, userId };
      }
    }
    const settings = { authenticate: async () => Promise.reject(new Error('a fault')), tokens };
    await start({
      ...counting,
      imports: [SignalRModule.forRoot(settings)],
      providers: [ServedHub, Multiplier, OpenHub],
    });
    const client = await application.connect('/open');
    expect(await client.invoke('who')).toEqual({ user: 'root', userId: 'guest' });
    await expect(application.connect('/counting')).rejects.toThrow('500');
    expect(issued.toSorted()).toEqual(['/counting', '/open']);
  });

  it('reaches the clients of other nodes over a backplane', async () => {
    const imports = [SignalRModule.forRoot({ drainMs: 0, backplane: new MemoryBackplane() })];
    const other = await NestApplication.start({ ...counting, imports });
    await start({ ...counting, imports });
    const client = await application.connect('/counting');
    const told = new Promise((resolve) => client.on('told', resolve));
    await other.app.get(SignalRServer).hubAt('/counting')?.clients.all.send('told', 'from elsewhere');
    expect(await told).toBe('from elsewhere');
    await other.close();
  });

  it('takes settings that other providers have a part in', async () => {
    @Module({ providers: [Multiplier], exports: [Multiplier] })
    class FactorsModule {}
    const useFactory = async ({ factor }: Multiplier) => ({ drainMs: 0, detailedErrors: factor === 10 });
    const settings = { imports: [FactorsModule], inject: [Multiplier], useFactory };
    await start({ ...counting, imports: [SignalRModule.forRootAsync(settings)] });
    const client = await application.connect('/counting');
    await expect(client.invoke('multiply')).rejects.toThrow('target expects 1');
  });
});
