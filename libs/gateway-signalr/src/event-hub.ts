import { Inject } from '@nestjs/common';
import { HubError, METHODS } from '@ringback/contract';
import type { HubContext } from '@ringback/signalr';
import { HubMethod, SignalRHub, type HubInvocation, type HubLifecycle } from '@ringback/signalr-nest';
import { PATHS } from './hub-paths.js';
import type { HubProfile } from './hub-profile.js';
import { HubSessions } from './hub-sessions.js';
import { eventHubCodecs } from './signalr.codec.js';
import { parseEventHubSubscribe, parseEventHubTrigger } from './signalr.commands.js';
import { SERVER, SIGNALR_OPTIONS, type SignalROptions } from './signalr.options.js';

const PROFILE: HubProfile = {
  path: PATHS.event,
  codecs: eventHubCodecs,
  sendsNotifications: false,
  sessionRequestOf: () => undefined,
};

/** MDriven's own hub: two methods without results, and `ReceiveEvent` with three strings for each delivery. */
@SignalRHub(PATHS.event, { server: SERVER })
export class EventHub implements HubLifecycle {
  constructor(
    @Inject(HubSessions) private readonly sessions: HubSessions,
    @Inject(SIGNALR_OPTIONS) private readonly options: SignalROptions,
  ) {}

  onConnected(context: HubContext): void {
    this.sessions.admit(context, PROFILE);
  }

  dispatch(invocation: HubInvocation, next: () => Promise<unknown>): Promise<unknown> {
    return this.sessions.dispatch(invocation, next);
  }

  @HubMethod({ args: 2, name: METHODS.subscribe })
  async subscribeToEvent(context: HubContext, eventguid: unknown, cookie: unknown): Promise<void> {
    await this.sessions.execute(context, parseEventHubSubscribe(eventguid, cookie));
  }

  @HubMethod({ args: 3, name: METHODS.trigger })
  async triggerEvent(
    context: HubContext,
    eventguid: unknown,
    data: unknown,
    removeAfterSend: unknown,
  ): Promise<void> {
    const { eventHubAllowTrigger = true } = this.options;
    if (!eventHubAllowTrigger) throw new HubError('forbidden', 'Triggers are switched off at this hub.');
    await this.sessions.execute(context, parseEventHubTrigger(eventguid, data, removeAfterSend));
  }
}
