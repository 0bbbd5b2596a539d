import { Inject } from '@nestjs/common';
import { METHODS, parseAcknowledge, parseUnsubscribe } from '@ringback/contract';
import type { CommandReply } from '@ringback/core';
import type { HubContext } from '@ringback/signalr';
import { HubMethod, SignalRHub, type HubInvocation, type HubLifecycle } from '@ringback/signalr-nest';
import { PATHS } from './hub-paths.js';
import type { HubProfile } from './hub-profile.js';
import { HubSessions } from './hub-sessions.js';
import { extendedHubCodecs } from './signalr.codec.js';
import { parseExtendedSubscribe, parseExtendedTrigger } from './signalr.commands.js';
import { sessionRequestOf } from './signalr.credentials.js';
import { SERVER } from './signalr.options.js';

const PROFILE: HubProfile = {
  path: PATHS.extended,
  codecs: extendedHubCodecs,
  sendsNotifications: true,
  sessionRequestOf,
};

/** Everything that Ringback can do: commands have results, clients may be durable subscribers, and deliveries say where they stand. */
@SignalRHub(PATHS.extended, { server: SERVER })
export class ExtendedHub implements HubLifecycle {
  constructor(@Inject(HubSessions) private readonly sessions: HubSessions) {}

  onConnected(context: HubContext): void {
    this.sessions.admit(context, PROFILE);
  }

  dispatch(invocation: HubInvocation, next: () => Promise<unknown>): Promise<unknown> {
    return this.sessions.dispatch(invocation, next);
  }

  @HubMethod({ args: 3, name: METHODS.subscribe })
  async subscribeToEvent(
    context: HubContext,
    eventguid: unknown,
    cookie: unknown,
    options: unknown,
  ): Promise<CommandReply> {
    return this.sessions.execute(context, parseExtendedSubscribe(eventguid, cookie, options));
  }

  @HubMethod({ args: 1, name: METHODS.unsubscribe })
  async unsubscribeFromEvent(context: HubContext, eventguid: unknown): Promise<CommandReply> {
    return this.sessions.execute(context, parseUnsubscribe([eventguid]));
  }

  @HubMethod({ args: 3, name: METHODS.trigger })
  async triggerEvent(
    context: HubContext,
    eventguid: unknown,
    data: unknown,
    options: unknown,
  ): Promise<CommandReply> {
    return this.sessions.execute(context, parseExtendedTrigger(eventguid, data, options));
  }

  @HubMethod({ args: 2, name: METHODS.acknowledge })
  async acknowledge(context: HubContext, eventguid: unknown, position: unknown): Promise<CommandReply> {
    return this.sessions.execute(context, parseAcknowledge([eventguid, position]));
  }

  /** For bridges: which cluster this is. */
  @HubMethod({ name: 'DescribeHub' })
  async describeHub(context: HubContext): Promise<CommandReply> {
    return this.sessions.execute(context, { name: 'describe' });
  }
}
