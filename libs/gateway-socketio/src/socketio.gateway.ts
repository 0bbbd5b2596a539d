import { Inject, UseFilters, UseGuards } from '@nestjs/common';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
} from '@nestjs/websockets';
import { METHODS } from '@ringback/contract';
import type { CommandReply } from '@ringback/core';
import { ArgumentCountGuard } from './argument-count.guard.js';
import { ClientAdmission } from './client-admission.js';
import type { ClientCommand } from './client-message.js';
import { CommandErrorFilter } from './command-error.filter.js';
import { CommandPipe } from './command.pipe.js';
import type { HubServer, HubSocket } from './socketio.types.js';

/** Nest tells servers apart by their paths, which it reads when the class is declared; where the hub really is, its settings say later. */
export const HUB_PATH = 'ringback:socketio';

/** The protocol of the hub's Socket.IO clients. Whatever passes here is in the order of the connection already. */
@WebSocketGateway({ path: HUB_PATH })
@UseGuards(ArgumentCountGuard)
@UseFilters(CommandErrorFilter)
export class SocketIoGateway
  implements OnGatewayInit<HubServer>, OnGatewayConnection<HubSocket>, OnGatewayDisconnect<HubSocket>
{
  constructor(@Inject(ClientAdmission) private readonly admission: ClientAdmission) {}

  afterInit(server: HubServer): void {
    server.use((socket, next) => this.admission.authenticate(socket, next));
  }

  handleConnection(socket: HubSocket): void {
    this.admission.onConnection(socket);
  }

  handleDisconnect(socket: HubSocket): void {
    this.admission.onDisconnect(socket);
  }

  /** `(eventguid, cookie, options?)`; by MDriven's rule some cookies unsubscribe. */
  @SubscribeMessage(METHODS.subscribe)
  subscribe(@MessageBody(CommandPipe) command: ClientCommand): Promise<CommandReply> {
    return execute(command);
  }

  /** `(eventguid)` */
  @SubscribeMessage(METHODS.unsubscribe)
  unsubscribe(@MessageBody(CommandPipe) command: ClientCommand): Promise<CommandReply> {
    return execute(command);
  }

  /** `(eventguid, data?, removeAfterSend? | options?)` */
  @SubscribeMessage(METHODS.trigger)
  trigger(@MessageBody(CommandPipe) command: ClientCommand): Promise<CommandReply> {
    return execute(command);
  }

  /** `(eventguid, position)` */
  @SubscribeMessage(METHODS.acknowledge)
  acknowledge(@MessageBody(CommandPipe) command: ClientCommand): Promise<CommandReply> {
    return execute(command);
  }
}

function execute({ session, command, release }: ClientCommand): Promise<CommandReply> {
  return session.execute(command, release);
}
