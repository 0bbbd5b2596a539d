import { HubError } from '@ringback/contract';
import type { InboundControl, InboundQueue, InboundSource } from '@ringback/gateway-kit';
import type { Socket } from 'node:net';
import type {
  EngineConnection,
  EngineIoTransport,
  EnginePacket,
  TransportInbound,
} from './engine-io-transport.js';
import { GATEWAY } from './socketio.options.js';

type Listener = (...args: unknown[]) => void;

/** The first character of a packet with which Socket.IO refuses a CONNECT. */
const CONNECT_ERROR = '4';

/** What comes in over one Engine.IO connection, on its way to Socket.IO: message after message, each in its turn. */
export class EngineIoInbound implements InboundSource, TransportInbound {
  readonly gateway = GATEWAY;
  readonly queue: InboundQueue;
  private isPaused = false;
  private pingedAt: number | undefined;
  private heldPost: (() => void) | undefined;

  /** To be made once Socket.IO listens to the connection. */
  constructor(
    private readonly conn: EngineConnection,
    private readonly transport: EngineIoTransport,
    private readonly control: InboundControl,
    private readonly pingIntervalMs: number,
  ) {
    this.queue = control.open(this);
    this.queue.onTooMuch(() => conn.close());
    const onData = takeLastListener(conn, 'data');
    const onClose = takeLastListener(conn, 'close');
    conn.on('data', (data) => this.queue.add(data.length, () => onData(data)));
    conn.on('close', (...reason) => this.queue.finish(() => onClose(...reason)));
    conn.on('packetCreate', (packet) => this.onPacketCreate(packet));
    conn.on('upgrade', () => this.apply());
  }

  get bufferedBytes(): number {
    return this.transport.bufferedBytes;
  }

  get carrier(): Socket | undefined {
    return this.transport.socket;
  }

  pause(): void {
    this.isPaused = true;
    this.pingedAt ??= this.control.now();
    this.apply();
  }

  resume(): void {
    this.isPaused = false;
    this.conn.pingTimeoutTimer?.refresh();
    this.apply();
    this.heldPost?.();
  }

  /** Engine.IO pings again only when the client has answered, which nobody reads now; the client expects to be pinged all the same. */
  keepAlive(): void {
    const now = this.control.now();
    this.conn.pingTimeoutTimer?.refresh();
    if (now - (this.pingedAt ?? now) < this.pingIntervalMs) return;
    this.pingedAt = now;
    this.conn.sendPacket('ping');
  }

  /** Clients send one POST at a time. */
  untilReading(): Promise<void> | undefined {
    if (!this.isPaused) return undefined;
    if (this.heldPost) throw new HubError('bad-request', 'Another POST of the session waits.');
    return new Promise((resolve) => {
      this.heldPost = () => {
        this.heldPost = undefined;
        resolve();
      };
    });
  }

  private apply(): void {
    const { socket } = this.conn.transport;
    if (this.isPaused) socket?.pause();
    else socket?.resume();
  }

  /** The packet that says so goes out first. */
  private onPacketCreate({ data }: EnginePacket): void {
    if (data?.[0] === CONNECT_ERROR) process.nextTick(() => this.queue.refuse());
  }
}

/** Takes the listener away that was added last, which is that of Socket.IO. */
function takeLastListener(conn: EngineConnection, event: 'data' | 'close'): Listener {
  const listener = conn.listeners(event).at(-1) as Listener | undefined;
  if (!listener) return () => undefined;
  conn.removeListener(event, listener);
  return listener.bind(conn);
}
