import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { QueuedMessage } from './client-message.js';
import { assertArgumentCount } from './socketio.commands.js';

/** Lets nothing pass that has more or fewer arguments than its method takes. What else is limited, the queue before it and the hub behind it see to. */
@Injectable()
export class ArgumentCountGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method, args } = context.switchToWs().getData<QueuedMessage>();
    assertArgumentCount(method, args);
    return true;
  }
}
