import { afterEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import {
  Injectable,
  Module,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { CLOSE_REASONS, METHODS } from '@ringback/contract';
import type { CommandReply } from '@ringback/core';
import { RingbackModule, RingbackNode } from '@ringback/nest';
import { map } from 'rxjs';
import { io, type Socket } from 'socket.io-client';
import type { Server, Socket as ServerSocket } from 'socket.io';
import type { ClientCommand } from './client-message.js';
import { CommandPipe } from './command.pipe.js';
import { SocketIoGateway } from './socketio.gateway.js';
import { SocketIoGatewayModule, type SocketIoModuleOptions } from './socketio.module.js';
import { nextEvent } from './testing/gateway-test-server.js';
import { useSocketIo } from './use-socketio.js';

/** A gateway that an application has beside the hub's. */
@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  @WebSocketServer() readonly server!: Server;

  @SubscribeMessage('say')
  say(@MessageBody() text: string, @ConnectedSocket() { rooms }: ServerSocket): string {
    return `${rooms.size} heard ${text}`;
  }
}

@WebSocketGateway()
class GatewayInTheWay {}

@Injectable()
class NobodyAcknowledges implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToWs().getPattern() !== METHODS.acknowledge;
  }
}

@Injectable()
class SignedReplies implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<object>) {
    return next.handle().pipe(map((reply) => ({ ...reply, signed: true })));
  }
}

/** Refuses one event, and leaves everything else to the gateway of the library. */
@Injectable()
@UseGuards(NobodyAcknowledges)
@UseInterceptors(SignedReplies)
class ChoosyGateway extends SocketIoGateway {
  @SubscribeMessage(METHODS.trigger)
  override trigger(@MessageBody(CommandPipe) command: ClientCommand): Promise<CommandReply> {
    if (JSON.stringify(command.command).includes('forbidden fruit')) throw new Error('No.');
    return super.trigger(command);
  }
}

@Module({})
class RootModule {}

describe('SocketIoGatewayModule', () => {
  let app: NestFastifyApplication;
  const clients: Socket[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await app.close();
  });

  async function create(options: SocketIoModuleOptions = {}, providers: Type[] = []): Promise<void> {
    const imports = [
      RingbackModule.forRoot({ shutdownDelayMs: 0, drainMs: 0 }),
      SocketIoGatewayModule.forRoot(options),
    ];
    const root: DynamicModule = { module: RootModule, imports, providers };
    app = await NestFactory.create<NestFastifyApplication>(
      root,
      new FastifyAdapter({ forceCloseConnections: true }),
      { logger: false, abortOnError: false },
    );
  }

  async function listen(): Promise<string> {
    useSocketIo(app);
    await app.listen(0, '127.0.0.1');
    await app.get(RingbackNode).ready();
    return app.getUrl();
  }

  async function connect(url: string, path: string): Promise<Socket> {
    const client = io(url, { path, transports: ['websocket'], reconnection: false, forceNew: true });
    clients.push(client);
    await nextEvent(client, 'connect');
    return client;
  }

  it('serves clients on the HTTP server of the application, and tells them why it closes', async () => {
    await create({ path: '/events' });
    const url = await listen();
    const client = await connect(url, '/events');
    expect(await client.emitWithAck('SubscribeToEvent', 'guid', 'c')).toMatchObject({ ok: true });
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    const closed = nextEvent(client, 'HubClose');
    await app.close();
    expect(await closed).toMatchObject([{ name: CLOSE_REASONS.draining.name }]);
  });

  it("serves the application's own gateways as the adapter of Nest does", async () => {
    await create({}, [ChatGateway]);
    const url = await listen();
    const guest = await connect(url, '/chat');
    expect(await guest.emitWithAck('say', 'hello')).toBe('1 heard hello');
    const customer = await connect(url, '/socket.io');
    expect(await customer.emitWithAck('say', 'hello')).toMatchObject({ code: 'unknown-method' });
    const { server } = app.get(ChatGateway);
    expect((await server.fetchSockets()).map(({ id }) => id)).toEqual([guest.id]);
  });

  it('says what to call where an application has forgotten it', async () => {
    await create();
    await expect(app.init()).rejects.toThrow('Call useSocketIo(app) right after creating the application');
  });

  it('says so where another gateway is in its way', async () => {
    await create({}, [GatewayInTheWay]);
    await expect(listen()).rejects.toThrow('give the other gateway a path of its own');
  });

  it('lets an application replace a part, and put guards and interceptors around it', async () => {
    await create({ providers: [{ provide: SocketIoGateway, useClass: ChoosyGateway }] });
    const client = await connect(await listen(), '/socket.io');
    expect(await client.emitWithAck('TriggerEvent', 'guid', 'd')).toMatchObject({ ok: true, signed: true });
    expect(await client.emitWithAck('Acknowledge', 'guid', 'e:1')).toMatchObject({ code: 'forbidden' });
    expect(await client.emitWithAck('TriggerEvent', 'guid')).toMatchObject({ ok: true });
    expect(await client.emitWithAck('TriggerEvent', 'forbidden fruit', 'd')).toMatchObject({
      ok: false,
      code: 'internal',
    });
  });
});
