import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AdmissionSlots, type AdmissionLimits, type AdmissionSlot } from './admission-slots.js';
import { publicPeerAddress, type ClientAddress } from './client-address.js';

/** Gateways have closed by then who is not admitted: what is still open has no need of one. */
const MAX_PENDING_MS = 20_000;

/** How connections that are not admitted yet are bounded. */
export interface PendingConnectionsOptions extends AdmissionLimits {
  /** Default: the peer, if its address is a public one. */
  readonly clientAddress?: ClientAddress;
}

/** What is used of a socket, beyond its published types. */
interface NativeSocket extends Socket {
  readonly _handle?: { reading: boolean; readStop(): void } | null;
}

/** What a socket holds until its client is admitted. */
interface Pending {
  readonly slots: AdmissionSlot[];
  readonly timeout: NodeJS.Timeout;
}

type Listener = (socket: Socket) => void;

/**
 * The connections of an HTTP server whose client is not admitted yet: it has sent no request, or its WebSocket has not said who it is. Beyond their number
 * others are not refused: they are accepted by the system, and read when it is their turn.
 */
export class PendingConnections {
  private readonly slots: AdmissionSlots;
  /** Of those whose address only a request tells. */
  private readonly requestSlots: AdmissionSlots;
  private readonly bySocket = new Map<Duplex, Pending>();
  private readonly held = new Set<Socket>();
  private readonly clientAddress: ClientAddress;
  private closed = false;

  constructor({ clientAddress = publicPeerAddress, ...limits }: PendingConnectionsOptions) {
    this.slots = new AdmissionSlots(limits);
    this.requestSlots = new AdmissionSlots({ ...limits, max: Infinity });
    this.clientAddress = clientAddress;
  }

  /** Connections that are served and not admitted. */
  get size(): number {
    return this.slots.size;
  }

  /** Connections that are not served yet. */
  get waiting(): number {
    return this.slots.waiting + this.requestSlots.waiting;
  }

  /** Takes the connections of the server over; each goes on to those who listened before when it has a place. */
  attach(server: Server): void {
    if ('setSecureContext' in server) return; // with TLS a request comes on another socket than the one that was accepted
    const listeners = server.listeners('connection') as Listener[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (this.closed) return passOn(server, listeners, socket);
      this.enter(socket, () => passOn(server, listeners, socket));
    });
  }

  /** An upgrade begins when its client has a place, where only its headers say who that is. */
  upgrade(request: IncomingMessage, begin: () => void): void {
    const { socket } = request;
    const address = this.clientAddress(request);
    if (address === undefined || this.closed || this.isKnown(socket, address)) return begin();
    const enter = (slot: AdmissionSlot): void => {
      this.held.delete(socket);
      this.keep(socket, slot);
      begin();
    };
    this.held.add(socket);
    this.requestSlots.enter(address, enter, () => socket.destroyed);
    if (this.held.has(socket)) this.admit(socket); // who waits for others of its address holds up nobody else
  }

  /** The client of the socket is admitted, or is none: it makes way for others. A second call does nothing. */
  admit(socket: Duplex | undefined): void {
    const pending = socket && this.bySocket.get(socket);
    if (!pending) return;
    this.bySocket.delete(socket);
    clearTimeout(pending.timeout); // else it would keep the socket in memory, long after its end
    for (const slot of pending.slots) slot.release();
  }

  /** Closes those that are not served yet, and holds up nobody from now on. */
  close(): void {
    this.closed = true;
    for (const socket of this.held) socket.destroy();
    this.held.clear();
  }

  private enter(socket: Socket, begin: () => void): void {
    let isServed = false;
    const address = this.clientAddress({ socket, headers: {} });
    const serve = (slot: AdmissionSlot): void => {
      isServed = true;
      this.keep(socket, slot);
      if (this.held.delete(socket)) setImmediate(begin);
      else begin();
    };
    this.slots.enter(address, serve, () => socket.destroyed);
    if (!isServed) this.hold(socket);
  }

  private keep(socket: Duplex, slot: AdmissionSlot): void {
    const pending = this.bySocket.get(socket);
    if (pending) return void pending.slots.push(slot);
    const admit = (): void => this.admit(socket);
    this.bySocket.set(socket, { slots: [slot], timeout: setTimeout(admit, MAX_PENDING_MS).unref() });
    socket.once('close', admit);
  }

  private isKnown(socket: Duplex, address: string): boolean {
    return this.bySocket.get(socket)?.slots.some((slot) => slot.address === address) ?? false;
  }

  /** Nothing is read of it: what the client sends waits with the system. */
  private hold(socket: NativeSocket): void {
    this.held.add(socket);
    socket.on('error', destroyBroken);
    socket.once('close', () => this.held.delete(socket));
    socket.pause();
    if (!socket._handle) return;
    socket._handle.readStop();
    socket._handle.reading = false;
  }
}

function passOn(server: Server, listeners: readonly Listener[], socket: Socket): void {
  if (socket.destroyed) return;
  for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  if (socket.isPaused()) socket.resume();
}

/** One for all sockets. */
function destroyBroken(this: Socket): void {
  this.destroy();
}
