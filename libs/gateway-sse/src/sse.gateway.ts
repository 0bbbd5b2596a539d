import { Inject, Injectable } from '@nestjs/common';
import {
  formatPosition,
  HubError,
  METHODS,
  parsePosition,
  type ErrorCode,
  type EventGuid,
  type Position,
  type SubscribeReply,
} from '@ringback/contract';
import { Hub } from '@ringback/core';
import {
  ConnectionRegistry,
  eventLines,
  InboundControl,
  parseSessionRequest,
  sendAwayForGood,
  STREAM_EVENTS,
  type ClientSession,
  type InboundQueue,
} from '@ringback/gateway-kit';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ownerText } from './journal-records.js';
import { PreparedStreams } from './prepared-streams.js';
import { readRequestedStream, type RequestedStream } from './requested-stream.js';
import { SSE_OPTIONS, type SseOptions } from './sse.options.js';
import { SseConnection } from './sse.connection.js';
import type { Place } from './stream-id.js';
import type { Beginning } from './stream-state.js';
import { StreamStates } from './stream-states.js';
import type { ToldPlaces } from './told-places.js';

type Session = ClientSession<SseConnection>;

/** What an acknowledgement is refused with that has nothing to settle. */
const NOT_HELD: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['not-found', 'bad-request']);

/** What became of one event as its stream was opened. */
interface Begun {
  readonly eventguid: EventGuid;
  readonly beginning: Beginning;
  /** Whether something of it is lost to the client. */
  readonly isReset: boolean;
}

/** Streams for EventSource: one request, one client, and one set of subscriptions that stands as long as the response. */
@Injectable()
export class SseGateway {
  private readonly endings;
  private readonly reportError = (error: unknown): unknown => this.hub.failed(error);

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(ConnectionRegistry) private readonly clients: ConnectionRegistry<SseConnection>,
    @Inject(PreparedStreams) private readonly prepared: PreparedStreams,
    @Inject(StreamStates) private readonly states: StreamStates,
    @Inject(SSE_OPTIONS) private readonly options: SseOptions,
  ) {
    this.endings = InboundControl.of(hub).endings;
  }

  /** Resolves once the stream is open, or has been answered otherwise. Rejects with a coded error, and nothing left behind, before anything is answered. */
  async open(request: IncomingMessage, response: ServerResponse, inbound: InboundQueue): Promise<void> {
    const asked = await readRequestedStream(request, this.hub, this.prepared);
    const { identity, subscriberId, lastEventId } = asked;
    const durable = parseSessionRequest({ subscriberId, resume: 'on-subscribe' }, identity);
    const eventguids = [...asked.cookies.keys()];
    const stream = { eventguids, format: asked.format, owner: ownerText(identity.name, eventguids) };
    const told = await this.states.told({ ...stream, lastEventId });
    if (told.isOver && (!durable || told.isEmpty)) return sendAwayForGood(response);
    if (response.destroyed) return;
    const { state, close } = this.states.open(stream, asked.record);
    response.once('close', close);
    const connection = new SseConnection(response, state, inbound, this.options, this.reportError);
    const session = this.clients.open(connection, identity, durable, {
      transport: 'server-sent-events',
      request,
    });
    this.endWith(response, session);
    try {
      if (told.isOver) await this.settle(session, asked, told);
      else await this.begin(session, asked, told);
    } catch (error) {
      this.clients.end(session);
      if (!connection.closeReason) throw error; // else the hub has told the client
    }
  }

  /** A durable subscriber who has had everything is told to stay away, once that is noted. */
  private async settle(session: Session, { cookies }: RequestedStream, told: ToldPlaces): Promise<void> {
    for (const eventguid of cookies.keys()) {
      const place = told.of(eventguid);
      if (place) await this.acknowledge(session, eventguid, place);
    }
    this.clients.end(session);
    session.connection.sendAwayForGood();
  }

  private async begin(session: Session, asked: RequestedStream, told: ToldPlaces): Promise<void> {
    const begun = await Promise.all(
      [...asked.cookies.keys()].map((eventguid) => this.subscribe(session, asked, told, eventguid)),
    );
    const resets = begun
      .filter(({ isReset }) => isReset)
      .map(({ eventguid, beginning: { place } }) => resetBlock(eventguid, place));
    const recovered = told.hasId ? resets.length === 0 : undefined;
    await session.connection.start(
      begun.map(({ beginning }) => beginning),
      resets,
      recovered,
    );
    this.states.supersede(asked.lastEventId);
  }

  /** What has ended for this client is not subscribed again: it has had the one-shot. */
  private async subscribe(
    session: Session,
    { cookies, presence }: RequestedStream,
    told: ToldPlaces,
    eventguid: EventGuid,
  ): Promise<Begun> {
    const place = told.of(eventguid);
    if (place && session.isDurable) await this.acknowledge(session, eventguid, place);
    if (place?.over) return { eventguid, beginning: { place, standsAfter: 0 }, isReset: false };
    const after = place && { epoch: place.epoch, offset: place.offset };
    const request = {
      eventguid,
      cookie: cookies.get(eventguid) ?? '',
      ...(after && { after }),
      ...(presence && { presence }),
    };
    const reply = (await session.run(METHODS.subscribe, [eventguid], (release) =>
      session.execute({ name: 'subscribe', request }, release),
    )) as SubscribeReply;
    return begunWith(eventguid, reply, after, told.hasId);
  }

  /** It comes back with what it has been written: that counts as processed. What the session does not hold is no matter of this stream. */
  private async acknowledge(session: Session, eventguid: EventGuid, place: Place): Promise<void> {
    if (place.epoch === '') return;
    const position = { epoch: place.epoch, offset: place.offset };
    try {
      await session.run(METHODS.acknowledge, [eventguid], (release) =>
        session.execute({ name: 'acknowledge', eventguid, position }, release),
      );
    } catch (error) {
      if (!NOT_HELD.has(HubError.from(error).code)) throw error;
    }
  }

  /** The subscriptions end with the response, however it ends. Very many may end together. */
  private endWith(response: ServerResponse, session: Session): void {
    const end = (): void => this.clients.end(session);
    response.once('close', () => {
      session.connection.inbound.finish(() => {
        this.endings.each([session], end).catch(this.reportError);
      });
    });
  }
}

function begunWith(
  eventguid: EventGuid,
  { position, recovered, ended, resumed }: SubscribeReply,
  after: Position | undefined,
  hasId: boolean,
): Begun {
  const stands = parsePosition(position);
  const isReset = recovered === undefined ? hasId && !after : !recovered;
  const kept = after && recovered ? after : stands;
  const place = { ...(resumed === undefined ? kept : parsePosition(resumed)), over: false };
  return { eventguid, beginning: { place, standsAfter: ended ? 0 : stands.offset }, isReset };
}

/** Deliveries that came before this position may be lost. */
function resetBlock(eventguid: EventGuid, place: Position): string {
  const { epoch, offset } = place;
  const position = formatPosition({ epoch, offset });
  return `${eventLines(STREAM_EVENTS.reset, { eventguid, position })}\n`;
}
