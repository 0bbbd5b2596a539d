import { Inject, Injectable } from '@nestjs/common';
import { CLIENT_METHODS, HubError } from '@ringback/contract';
import { Hub, type CommandReply } from '@ringback/core';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ClientMessage, QueuedMessage } from './client-message.js';
import { errorNotice, errorReply } from './socketio.errors.js';

/** The methods of the gateway by name, as Nest has bound them to one client. */
export type MessageHandlers = Readonly<
  Record<string, (message: QueuedMessage, acknowledge: unknown) => unknown>
>;

/** Brings the messages of a client to the methods of the gateway, each in its turn, and the replies back. */
@Injectable()
export class CommandDispatcher {
  constructor(@Inject(Hub) private readonly hub: Pick<Hub, 'failed'>) {}

  /** To be called in the turn in which the packet was read: a command takes its place in the order before guards and pipes see it. */
  dispatch(
    session: ClientMessage['session'],
    handlers: MessageHandlers,
    [method, ...args]: readonly unknown[],
  ): void {
    const acknowledge =
      typeof args.at(-1) === 'function' ? (args.pop() as ClientMessage['acknowledge']) : undefined;
    const message = { session, method, args, acknowledge };
    session
      .run(method, args, (release) => this.handle(handlers, { ...message, release }))
      .catch((error: unknown) => this.replyError(message, error));
  }

  /** Counts an error, and answers with its code and nothing of what the client had sent. */
  replyError({ session, method, acknowledge }: ClientMessage, error: unknown): void {
    const hubError = this.hub.failed(error);
    session.connection.respond((socket) => {
      if (acknowledge) acknowledge(errorReply(hubError));
      else socket.emit(CLIENT_METHODS.error, errorNotice(hubError, method));
    });
  }

  /** Resolves when the command has been answered. */
  private async handle(handlers: MessageHandlers, message: QueuedMessage): Promise<void> {
    const { method } = message;
    const handler =
      typeof method === 'string' && Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    if (!handler) throw new HubError('unknown-method');
    const returned: unknown = await handler(message, message.acknowledge);
    const reply: unknown = isObservable(returned)
      ? await lastValueFrom(returned, { defaultValue: undefined })
      : returned;
    // Without one, the exception filter has answered.
    if (reply !== undefined) this.reply(message, reply as CommandReply);
  }

  private reply({ session, acknowledge }: ClientMessage, reply: CommandReply): void {
    if (acknowledge) session.connection.respond(() => acknowledge(reply));
  }
}
