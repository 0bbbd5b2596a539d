import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { HubError } from '@ringback/contract';
import type { QueuedMessage } from './client-message.js';
import { CommandDispatcher } from './command-dispatcher.js';

/** Answers a failed command with its code. Nest's own filter would repeat to the client what it had sent, cookie and data included. */
@Catch()
export class CommandErrorFilter implements ExceptionFilter {
  constructor(@Inject(CommandDispatcher) private readonly dispatcher: CommandDispatcher) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    // With this a guard of the application says no.
    const error = exception instanceof WsException ? new HubError('forbidden', exception.message) : exception;
    const message = host.switchToWs().getData<QueuedMessage>();
    this.dispatcher.replyError(message, error);
    message.session.connection.inbound?.fail(HubError.from(error).code); // to the queue the command has been done
  }
}
