import { CLOSE_REASONS, HubError, type CloseReason } from '@ringback/contract';
import { CommandRunner, type DisconnectReason, type Hub, type Identity } from '@ringback/core';
import type { HubConnection, HubContext, HubDefinition, HubMethod } from '@ringback/signalr';
import { SignalRConnection } from './signalr.connection.js';
import type { HubFace, Method } from './signalr.hubs.js';
import { toldError } from './told-error.js';

interface Client {
  readonly connection: SignalRConnection;
  readonly commands: CommandRunner;
}

/** The clients of one of the two hubs on this node, and what they may call. */
export class HubClients {
  private readonly clients = new Map<string, Client>();

  constructor(
    private readonly hub: Hub,
    private readonly face: HubFace,
  ) {}

  get size(): number {
    return this.clients.size;
  }

  has(connectionId: string): boolean {
    return this.clients.has(connectionId);
  }

  /** Answers whether there was one. */
  close(connectionId: string, reason: CloseReason): boolean {
    const client = this.clients.get(connectionId);
    client?.connection.close(reason);
    return client !== undefined;
  }

  closeAll(reason: CloseReason): void {
    for (const { connection } of this.clients.values()) connection.close(reason);
  }

  /** The hub as the SignalR server runs it. `linkOf` finds a connection that has just been opened. */
  definition(linkOf: (connectionId: string) => HubConnection | undefined): HubDefinition {
    const methods = Object.entries(this.face.methods).map(([name, method]) => [name, this.method(method)]);
    return {
      methods: Object.fromEntries(methods) as Record<string, HubMethod>,
      onConnected: (context) => {
        const link = linkOf(context.connectionId);
        if (link) this.admit(link, context);
      },
    };
  }

  private method({ args, parse }: Method): HubMethod {
    const call = async ({ connectionId }: HubContext, ...given: unknown[]): Promise<unknown> => {
      try {
        const reply = await this.get(connectionId).commands.carryOut(parse(given));
        return this.face.replies ? reply : undefined;
      } catch (error) {
        throw toldError(this.hub, error);
      }
    };
    return { args, call };
  }

  private get(connectionId: string): Client {
    const client = this.clients.get(connectionId);
    if (!client) throw new HubError('closed');
    return client;
  }

  private admit(link: HubConnection, context: HubContext): void {
    const identity = context.user as Identity;
    const connection = this.connectionOf(link);
    try {
      this.hub.connect(connection, identity, this.face.session(context.opening, identity));
    } catch (error) {
      return this.turnAway(connection, this.hub.failed(error));
    }
    const commands = new CommandRunner(this.hub, identity, link.connectionId);
    this.clients.set(link.connectionId, { connection, commands });
    if (link.signal.aborted) this.forget(connection);
    else link.signal.addEventListener('abort', () => this.forget(connection), { once: true });
  }

  private connectionOf(link: HubConnection): SignalRConnection {
    const { codecs, tellsReason } = this.face;
    const codec = codecs[link.protocol?.name ?? 'json'];
    return new SignalRConnection(link, codec, tellsReason, (error) => this.hub.failed(error));
  }

  /** Throwing out of the hook closes the connection for good, with the text. */
  private turnAway(connection: SignalRConnection, error: HubError): void {
    const { code } = error;
    if (code !== 'too-many-connections' && code !== 'draining')
      throw toldError({ failed: () => error }, error);
    connection.close(CLOSE_REASONS[code]);
  }

  private forget({ connectionId, closedFor }: SignalRConnection): void {
    this.clients.delete(connectionId);
    this.hub.disconnect(connectionId, (closedFor?.name ?? 'client') as DisconnectReason);
  }
}
