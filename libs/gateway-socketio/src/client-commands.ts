import { CLIENT_METHODS, HubError, type ErrorReply } from '@ringback/contract';
import type { CommandReply, CommandHandler, Hub } from '@ringback/core';
import { parseCommand } from './socketio.commands.js';
import type { SocketIoConnection } from './socketio.connection.js';
import { errorNotice, errorReply } from './socketio.errors.js';

type Acknowledge = (reply: CommandReply | ErrorReply) => void;

/** Takes the commands of one connection and answers them. */
export class ClientCommands {
  private waiting = 0;

  constructor(
    private readonly hub: Pick<Hub, 'limits' | 'failed'>,
    private readonly connection: SocketIoConnection,
    private readonly handler: CommandHandler,
  ) {}

  /** One message as Socket.IO hands it over: name, arguments and, where the client wants a reply, the acknowledgement. */
  receive(message: readonly unknown[]): void {
    const [method, ...args] = message;
    const acknowledge = typeof args.at(-1) === 'function' ? (args.pop() as Acknowledge) : undefined;
    this.settle(this.run(method, args), method, acknowledge);
  }

  private settle(
    command: Promise<CommandReply>,
    method: unknown,
    acknowledge: Acknowledge | undefined,
  ): void {
    command
      .then((reply) => this.connection.answer(() => acknowledge?.(reply)))
      .catch((error: unknown) => this.refuse(this.hub.failed(error), method, acknowledge));
  }

  private refuse(error: HubError, method: unknown, acknowledge: Acknowledge | undefined): void {
    this.connection.answer((socket) => {
      if (acknowledge) acknowledge(errorReply(error));
      else socket.emit(CLIENT_METHODS.error, errorNotice(error, method));
    });
  }

  private async run(method: unknown, args: readonly unknown[]): Promise<CommandReply> {
    if (!this.connection.open) throw new HubError('closed');
    if (this.waiting >= this.hub.limits.commandsPerConnection) throw new HubError('too-many-commands');
    this.waiting++;
    try {
      return await this.handler.execute(parseCommand(method, args));
    } finally {
      this.waiting--;
    }
  }
}
