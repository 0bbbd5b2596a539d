import {
  CLIENT_METHODS,
  HubError,
  METHODS,
  mayReconnect,
  type CloseReason,
  type ErrorCode,
  type SubscribeReply,
  type TriggerReply,
} from '@ringback/contract';
import type { Socket } from 'socket.io-client';
import type { ClosedReason } from '../status.js';
import {
  accepted,
  frameBytes,
  parseCloseReason,
  parseDelivery,
  parseError,
  parsePresence,
  parseSubscribeReply,
  parseTriggerReply,
} from './socketio.codec.js';
import type { Token } from './token.js';
import type { Link, LinkListener, SubscribeCommand, TriggerCommand } from './transport.js';

/** What the client shows to the hub. */
export interface Credentials {
  readonly token?: Token;
  readonly subscriberId?: string;
}

type Message = readonly [method: string, ...args: unknown[]];

/** One connection of the Socket.IO protocol. */
export class SocketIoLink implements Link {
  private announced: CloseReason | undefined;
  private ended = false;
  /** Longest frame that the hub takes; it drops the connection for a longer one. */
  private maxFrameBytes = Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly listener: LinkListener,
  ) {
    socket.on('connect', () => this.opened());
    socket.on('connect_error', (error) => this.end(refusal(error)));
    socket.on('disconnect', (cause) => this.end(this.announced ? announcement(this.announced) : loss(cause)));
    socket.on(CLIENT_METHODS.close, (reason: unknown) => {
      this.announced = parseCloseReason(reason);
    });
    socket.on(CLIENT_METHODS.error, (error: unknown) => listener.onError(parseError(error)));
    socket.on(CLIENT_METHODS.receive, (...args: unknown[]) =>
      this.read(() => listener.onDelivery(parseDelivery(args))),
    );
    socket.on(CLIENT_METHODS.ended, (eventguid: unknown) => listener.onEnded(String(eventguid)));
    socket.on(CLIENT_METHODS.presence, (...args: unknown[]) =>
      this.read(() => listener.onPresence(...parsePresence(args))),
    );
  }

  open({ token, subscriberId }: Credentials, timeoutMs: number): void {
    // Socket.IO bounds the handshake of the transport; this bounds the token and the hub's answer too.
    this.timer = setTimeout(() => this.end(failure(new HubError('timeout'))), timeoutMs);
    this.start(token, subscriberId).catch((error: unknown) =>
      this.end(failure(unreachable('No token could be had.', error))),
    );
  }

  async subscribe(command: SubscribeCommand, timeoutMs: number): Promise<SubscribeReply> {
    const { eventguid, cookie, ...options } = command;
    const said = Object.keys(options).length === 0 ? [] : [options];
    const message = [METHODS.subscribe, eventguid, cookie, ...said] as const;
    return parseSubscribeReply(await this.command(message, timeoutMs, 'cookie-too-large'));
  }

  async unsubscribe(eventguid: string, timeoutMs: number): Promise<void> {
    accepted(await this.command([METHODS.unsubscribe, eventguid], timeoutMs));
  }

  async trigger(command: TriggerCommand, timeoutMs: number): Promise<TriggerReply> {
    const { eventguid, data, ...options } = command;
    const message = [METHODS.trigger, eventguid, data, options] as const;
    return parseTriggerReply(await this.command(message, timeoutMs));
  }

  async acknowledge(eventguid: string, position: string, timeoutMs: number): Promise<void> {
    accepted(await this.command([METHODS.acknowledge, eventguid, position], timeoutMs));
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.socket.disconnect();
  }

  private async start(token: Token | undefined, subscriberId: string | undefined): Promise<void> {
    // Always a turn later, so that the listener hears nothing before open has returned.
    const text = await (typeof token === 'function' ? token() : token);
    if (this.ended) return;
    this.socket.auth = {
      ...(text !== undefined && { token: text }),
      // Each event when it is subscribed to: before that, nobody would hear what is delivered.
      ...(subscriberId !== undefined && { subscriberId, resume: 'on-subscribe' }),
    };
    this.socket.connect();
    this.socket.io.engine.once('handshake', ({ maxPayload }) => {
      this.maxFrameBytes = maxPayload;
    });
  }

  private opened(): void {
    clearTimeout(this.timer);
    if (!this.ended) this.listener.onOpen();
  }

  private read(message: () => void): void {
    try {
      message();
    } catch (error) {
      this.listener.onError(HubError.from(error));
    }
  }

  private async command(message: Message, timeoutMs: number, tooLarge?: ErrorCode): Promise<unknown> {
    // Socket.IO would keep it for a next connection, which this socket never has.
    if (!this.socket.connected) throw new HubError('closed');
    this.assertFits(message, tooLarge);
    const [method, ...args] = message;
    try {
      return (await this.socket.timeout(timeoutMs).emitWithAck(method, ...args)) as unknown;
    } catch (cause) {
      throw new HubError(this.socket.connected ? 'timeout' : 'closed', undefined, { cause });
    }
  }

  private assertFits(message: Message, tooLarge: ErrorCode = 'data-too-large'): void {
    const polling = this.socket.io.engine.transport.name === 'polling';
    if (frameBytes(message, polling) > this.maxFrameBytes) {
      throw new HubError(
        tooLarge,
        `The command is longer than the ${this.maxFrameBytes} bytes that the hub takes.`,
      );
    }
  }

  private end(reason: ClosedReason): void {
    if (this.ended) return;
    this.close();
    this.listener.onClosed(reason);
  }
}

function announcement(reason: CloseReason): ClosedReason {
  return { ...reason, final: !mayReconnect(reason) };
}

function loss(cause: string): ClosedReason {
  return { name: 'closed', message: `The connection was lost: ${cause}.`, final: false };
}

/** Why a connection could not be made. */
type ConnectError = Error & { readonly data?: unknown; readonly description?: unknown };

/** The hub's middleware says why in `data`; anything else never reached the hub. */
function refusal(error: ConnectError): ClosedReason {
  return failure(
    error.data === undefined
      ? unreachable(`The hub cannot be reached: ${causeOf(error)}.`, error)
      : parseError(error.data),
  );
}

/** The transport itself calls everything a websocket error; what it was, a certificate for instance, stands behind that, except in browsers. */
function causeOf({ message, description }: ConnectError): string {
  const cause = (description as { readonly message?: unknown } | null | undefined)?.message;
  return typeof cause === 'string' && cause !== '' ? cause : message;
}

function unreachable(message: string, cause: unknown): HubError {
  return new HubError('closed', message, { cause });
}

function failure(error: HubError): ClosedReason {
  return { name: error.code, message: error.message, final: !error.temporary };
}
