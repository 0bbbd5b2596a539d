import { Inject, Injectable } from '@nestjs/common';
import { HubError, type Command } from '@ringback/contract';
import { Hub, type CommandReply, type Identity } from '@ringback/core';
import {
  closeReasonOf,
  ConnectionRegistry,
  HttpRouter,
  maxPollBufferBytes,
  type ClientSession,
} from '@ringback/gateway-kit';
import type { HubConnection, HubContext, HubException } from '@ringback/signalr';
import { HubEndpoints, type HubInvocation } from '@ringback/signalr-nest';
import type { HubProfile } from './hub-profile.js';
import { SignalRConnection } from './signalr.connection.js';
import { toHubException } from './signalr.errors.js';
import { sourceOf } from './signalr.source.js';

type Session = ClientSession<SignalRConnection>;

/** Under which a connection remembers its session: what the client sent before it left is still done. */
const SESSION = 'session';

/** The clients of the hubs: lets them in, and does what they call in order. */
@Injectable()
export class HubSessions {
  /** Of the calls that run, by their contexts: each lets those behind it start. */
  private readonly releases = new Map<HubContext, () => void>();

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(ConnectionRegistry) private readonly registry: ConnectionRegistry<SignalRConnection>,
    @Inject(HubEndpoints) private readonly endpoints: HubEndpoints,
    @Inject(HttpRouter) private readonly router: HttpRouter,
  ) {}

  /** Takes in a client that has just connected. Throws what it is told as the connection is closed for good. */
  admit(context: HubContext, profile: HubProfile): void {
    const link = this.endpoints.server.hubAt(profile.path)?.connection(context.connectionId);
    if (!link) return; // gone by now
    this.router.admit(link.transport.carrier);
    const { hub } = this;
    const pollBufferBytes = maxPollBufferBytes(hub.limits);
    const connection = new SignalRConnection(link, profile, (error) => hub.failed(error), pollBufferBytes);
    const identity = context.user as Identity;
    const source = sourceOf(context.opening, link.transport.transport);
    try {
      const request = profile.sessionRequestOf(context.opening, identity);
      const session = this.registry.open(connection, identity, request, source);
      context.items.set(SESSION, session);
      this.endWith(link, session);
    } catch (error) {
      const hubError = this.hub.failed(error);
      this.registry.refused(source, hubError, identity);
      this.reject(connection, hubError);
    }
  }

  /** Runs a method of a hub when its turn among the calls of its client has come. */
  async dispatch({ context, method, args }: HubInvocation, next: () => Promise<unknown>): Promise<unknown> {
    try {
      return await sessionOf(context).run(method, args, (release) => {
        this.releases.set(context, release);
        return next();
      });
    } catch (error) {
      throw this.refusal(this.hub.failed(error), method, context);
    } finally {
      this.releases.delete(context);
    }
  }

  /** Does a command for a method that `dispatch` runs. Rejects with a coded error. */
  execute(context: HubContext, command: Command): Promise<CommandReply> {
    return sessionOf(context).execute(command, this.releases.get(context) ?? noRelease);
  }

  private endWith({ signal }: HubConnection, session: Session): void {
    if (signal.aborted) this.registry.end(session);
    else signal.addEventListener('abort', () => this.registry.end(session), { once: true });
  }

  private reject(connection: SignalRConnection, error: HubError): void {
    const reason = closeReasonOf(error);
    if (!reason) throw toHubException(error);
    connection.close(reason);
  }

  /** What the call fails with; a client that does not wait for it is notified, where it knows how. */
  private refusal(error: HubError, method: string, context: HubContext): HubException {
    if (!context.awaited) findSession(context)?.connection.notifyError(error, method);
    return toHubException(error);
  }
}

/** Of a method that goes on after its call has been answered. */
function noRelease(): void {}

function findSession({ items }: HubContext): Session | undefined {
  return items.get(SESSION) as Session | undefined;
}

function sessionOf(context: HubContext): Session {
  const session = findSession(context);
  if (!session) throw new HubError('closed');
  return session;
}
