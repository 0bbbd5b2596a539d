import { CLOSE_REASONS, HubError, type CloseReason } from '@ringback/contract';
import { CommandHandler, type DisconnectReason, type Hub, type Identity } from '@ringback/core';
import type { HubConnection, HubContext, HubDefinition, HubException, HubMethod } from '@ringback/signalr';
import { SignalRConnection } from './signalr.connection.js';
import type { HubFace, Method } from './signalr.hubs.js';
import { toldError } from './told-error.js';

interface Client {
  readonly connection: SignalRConnection;
  readonly commands: CommandHandler;
}

/** Under which a connection remembers its client: what it sent before it left is still carried out. */
const CLIENT = 'client';

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
    const methods = Object.entries(this.face.methods).map(([name, method]) => [
      name,
      this.method(name, method),
    ]);
    return {
      methods: Object.fromEntries(methods) as Record<string, HubMethod>,
      onConnected: (context) => {
        const link = linkOf(context.connectionId);
        if (link) this.admit(link, context);
      },
    };
  }

  private method(name: string, { args, parse }: Method): HubMethod {
    const call = async (context: HubContext, ...given: unknown[]): Promise<unknown> => {
      try {
        const reply = await admitted(context).commands.execute(parse(given));
        return this.face.replies ? reply : undefined;
      } catch (error) {
        throw this.refusal(this.hub.failed(error), name, context);
      }
    };
    return { args, call };
  }

  /** What the call fails with; nobody hears that of a call without an answer. */
  private refusal(error: HubError, method: string, context: HubContext): HubException {
    if (!context.awaited) clientOf(context)?.connection.tellError(error, method);
    return toldError(error);
  }

  private admit(link: HubConnection, context: HubContext): void {
    const identity = context.user as Identity;
    const connection = this.connectionOf(link);
    try {
      this.hub.connect(connection, identity, this.face.session(context.opening, identity));
    } catch (error) {
      return this.turnAway(connection, this.hub.failed(error));
    }
    const client = { connection, commands: new CommandHandler(this.hub, identity, connection.connectionId) };
    this.clients.set(connection.connectionId, client);
    context.items.set(CLIENT, client);
    if (link.signal.aborted) this.forget(connection);
    else link.signal.addEventListener('abort', () => this.forget(connection), { once: true });
  }

  private connectionOf(link: HubConnection): SignalRConnection {
    const { codecs, tells } = this.face;
    const codec = codecs[link.protocol?.name ?? 'json'];
    return new SignalRConnection(link, codec, tells, (error) => this.hub.failed(error));
  }

  /** Throwing out of the hook closes the connection for good, with the text. */
  private turnAway(connection: SignalRConnection, error: HubError): void {
    const { code } = error;
    if (code !== 'too-many-connections' && code !== 'draining') throw toldError(error);
    connection.close(CLOSE_REASONS[code]);
  }

  private forget({ connectionId, closedFor }: SignalRConnection): void {
    this.clients.delete(connectionId);
    this.hub.disconnect(connectionId, (closedFor?.name ?? 'client') as DisconnectReason);
  }
}

function clientOf({ items }: HubContext): Client | undefined {
  return items.get(CLIENT) as Client | undefined;
}

function admitted(context: HubContext): Client {
  const client = clientOf(context);
  if (!client) throw new HubError('closed');
  return client;
}
