import { Inject, Injectable } from '@nestjs/common';
import { METHODS, parsePosition, type Position, type SubscribeReply } from '@ringback/contract';
import { Hub, type Frame } from '@ringback/core';
import {
  ConnectionRegistry,
  InboundControl,
  sendAwayForGood,
  utf8,
  type ClientSession,
  type InboundQueue,
} from '@ringback/gateway-kit';
import type { ServerResponse } from 'node:http';
import { FubuConnection } from './fubu.connection.js';
import { FUBU_OPTIONS, GATEWAY, type FubuOptions } from './fubu.options.js';
import { HistoryReads } from './history-reads.js';
import { oneLine, type StreamEvent } from './stream-event.js';
import { SENT_AWAY, type StreamRequest } from './stream-request.js';
import type { ServedTopic } from './topic-registry.js';

type Session = ClientSession<FubuConnection>;

/** Streams of topics: one request, one client, one subscription that stands as long as the response. */
@Injectable()
export class FubuGateway {
  private readonly endings;
  private readonly reads: HistoryReads;
  private readonly reportError = (error: unknown): unknown => this.hub.failed(error);

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(ConnectionRegistry) private readonly clients: ConnectionRegistry<FubuConnection>,
    @Inject(FUBU_OPTIONS) private readonly options: FubuOptions,
  ) {
    this.endings = InboundControl.of(hub).endings;
    this.reads = new HistoryReads(hub);
  }

  /** Resolves once the stream is open, or has been answered otherwise. Rejects, with nothing left behind, before anything is answered. */
  async open(
    topic: ServedTopic,
    asked: StreamRequest,
    response: ServerResponse,
    inbound: InboundQueue,
  ): Promise<void> {
    const identity = await this.hub.authenticate({ ...asked.credentials, gateway: GATEWAY });
    if (asked.lastEventId === SENT_AWAY) return sendAwayForGood(response);
    if (response.destroyed) return;
    this.hub.authorize(identity, 'history', topic.value.eventguid); // a stream begins with what is kept
    const connection = this.connectionOf(topic, response, inbound);
    const source = { transport: 'server-sent-events', request: response.req };
    const session = this.clients.open(connection, identity, undefined, source);
    this.endWith(response, session);
    try {
      await this.begin(session, topic, asked);
    } catch (error) {
      this.clients.end(session);
      if (!connection.closeReason) throw error; // else the hub has told the client
    }
  }

  private connectionOf(
    { codec }: ServedTopic,
    response: ServerResponse,
    inbound: InboundQueue,
  ): FubuConnection {
    const maxBacklogBytes = this.hub.limits.outboxBytes / 2;
    return new FubuConnection(response, codec, maxBacklogBytes, inbound, this.options, this.reportError);
  }

  /** What is kept up to the subscription, then what it delivers, which waits in the connection until then: nothing is missed and nothing comes twice. */
  private async begin(session: Session, topic: ServedTopic, asked: StreamRequest): Promise<void> {
    const position = await this.subscribe(session, topic);
    const initial = await topic.initialize();
    const kept = await this.reads.read(session.identity, topic.value.eventguid, position);
    const lastEventId = initial.at(-1)?.id ?? asked.lastEventId;
    const missed = await topic.queue.find(kept, { topic: topic.value, lastEventId });
    const frames = (events: readonly StreamEvent[]): readonly Frame[] =>
      events.map((event) => topic.codec.frameOf(event));
    const first = [...frames(initial), ...placeBehind(initial, asked), ...frames(missed)];
    await session.connection.start([this.greeting(kept, missed), ...first]);
  }

  /** What the last event that it has had said of its return; a drain, or a refusal, may have told it to wait longer. */
  private greeting(kept: readonly StreamEvent[], missed: readonly StreamEvent[]): Frame {
    const had = kept.slice(
      0,
      missed.length === 0 ? kept.length : Math.max(0, kept.indexOf(missed[0] as StreamEvent)),
    );
    const last = had.findLast(({ retry }) => retry !== undefined && retry !== null);
    return `retry: ${last?.retry ?? this.options.retryMs}\n\n`;
  }

  private async subscribe(session: Session, { value: { eventguid } }: ServedTopic): Promise<Position> {
    const request = { eventguid, cookie: '' };
    const reply = (await session.run(METHODS.subscribe, [eventguid], (release) =>
      session.execute({ name: 'subscribe', request }, release),
    )) as SubscribeReply;
    return parsePosition(reply.position);
  }

  /** The subscription ends with the response, however it ends. Very many may end together. */
  private endWith(response: ServerResponse, session: Session): void {
    const end = (): void => this.clients.end(session);
    response.once('close', () => {
      session.connection.inbound.finish(() => {
        this.endings.each([session], end).catch(this.reportError);
      });
    });
  }
}

/** Initial events without an id leave the client where it was: it would else come back with their names alone, and get everything again. */
function placeBehind(initial: readonly StreamEvent[], { lastEventId }: StreamRequest): readonly Frame[] {
  const last = initial.at(-1);
  if (!last || oneLine(last.id) !== undefined) return [];
  return [utf8(`id: ${oneLine(lastEventId) ?? ''}\n\n`)];
}
