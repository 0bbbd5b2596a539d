import type { EventGuid } from '@ringback/contract';
import type { Holder, LocalSubscription } from './local-subscription.js';
import type { Outbox } from './outbox.js';
import type { Identity } from './ports/access-policy.port.js';
import type { Codec } from './ports/codec.port.js';
import type { Connection } from './ports/connection.port.js';
import type { NamedSession } from './named-session.js';
import { SerialQueue } from './serial-queue.js';

/** Before the connection's id, in the name under which the store knows an ephemeral subscriber. */
const EPHEMERAL = 'c:';

/** One connection and what it holds on this node. */
export class ConnectedClient implements Holder {
  readonly subscriptions = new Map<EventGuid, LocalSubscription>();
  readonly connectionId: string;
  readonly subscriber: string;
  readonly codec: Codec;
  connected = true;
  /** Subscriptions that are being made and do not stand in the table yet. */
  beginning = 0;
  /** Whether the store may know it. */
  stored = false;
  private readonly queues = new Map<EventGuid, SerialQueue>();

  constructor(
    readonly connection: Connection,
    readonly identity: Identity,
    readonly outbox: Outbox,
    /** Present with a named subscriber. */
    readonly session?: NamedSession,
  ) {
    this.connectionId = connection.connectionId;
    this.subscriber = session?.subscriber ?? EPHEMERAL + connection.connectionId;
    this.codec = connection.codec;
  }

  async inOrder<Result>(eventguid: EventGuid, task: () => Promise<Result>): Promise<Result> {
    let queue = this.queues.get(eventguid);
    if (!queue) this.queues.set(eventguid, (queue = new SerialQueue()));
    try {
      return await queue.run(task);
    } finally {
      if (queue.idle) this.queues.delete(eventguid);
    }
  }

  /** Events that it holds or has tasks for. */
  get eventguids(): EventGuid[] {
    return [...new Set([...this.subscriptions.keys(), ...this.queues.keys()])];
  }

  /** Resolves when no task that had begun by now is left. */
  async settled(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.run(() => Promise.resolve())));
  }
}

/** A client that is a named subscriber. */
export type NamedClient = ConnectedClient & { readonly session: NamedSession };

export function isNamedClient(client: ConnectedClient): client is NamedClient {
  return client.session !== undefined;
}

/** Whose an ephemeral subscriber is; `undefined` for a named one. */
export function connectionIdOf(subscriber: string): string | undefined {
  return subscriber.startsWith(EPHEMERAL) ? subscriber.slice(EPHEMERAL.length) : undefined;
}
