import { Injectable, type PipeTransform } from '@nestjs/common';
import type { ClientCommand, QueuedMessage } from './client-message.js';
import { parseCommand } from './socketio.commands.js';

/** Parses the arguments of a message. */
@Injectable()
export class CommandPipe implements PipeTransform<QueuedMessage, ClientCommand> {
  transform({ session, method, args, release }: QueuedMessage): ClientCommand {
    return { session, command: parseCommand(method, args), release };
  }
}
