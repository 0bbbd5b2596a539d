import { CLIENT_METHODS, METHODS, type CloseReason, type DeliveryMeta } from '@ringback/contract';
import { Server, type ServerOptions, type Socket } from 'socket.io';

export interface Command {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What a test has the hub answer: a reply, `NEVER` or `UNHEARD`, or what a hub would answer (`undefined`). */
export type Answer = (command: Command) => unknown;

export const NEVER = Symbol('never');
/** The hub stores the subscription; its reply, and what it recovers, come too late. */
export const UNHEARD = Symbol('unheard');

/** What a session holds of an event: where it is resumed. */
interface Held {
  offset: number;
}

interface Kept {
  readonly data: unknown;
  readonly meta: DeliveryMeta;
}

/** One node without a cluster, on a free port, which speaks the Socket.IO protocol and does what a test tells it. */
export class FakeHub {
  readonly commands: Command[] = [];
  readonly tokens: unknown[] = [];
  readonly auths: unknown[] = [];
  answer: Answer = () => undefined;
  refusal: { readonly code: string; readonly message: string } | undefined;
  epoch = 'e1';
  outstanding = 0;
  mostOutstanding = 0;
  private readonly history = new Map<string, Kept[]>();
  private readonly cookies = new Map<Socket, Map<string, string>>();
  private readonly sessions = new Map<string, Map<string, Held>>();

  private constructor(private readonly io: Server) {
    io.use((socket, next) => {
      this.tokens.push((socket.handshake.auth as { token?: unknown }).token);
      this.auths.push(socket.handshake.auth);
      next(this.refusal && Object.assign(new Error(this.refusal.message), { data: this.refusal }));
    });
    io.on('connection', (socket) => this.accept(socket));
  }

  static async start(port = 0, options: Partial<ServerOptions> = {}): Promise<FakeHub> {
    const io = new Server(options);
    const hub = new FakeHub(io);
    io.listen(port);
    await new Promise<void>((resolve) => {
      io.httpServer.once('listening', () => resolve());
    });
    return hub;
  }

  get port(): number {
    return (this.io.httpServer.address() as { port: number }).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.cookies.size;
  }

  /** How many connections are subscribed to the event. */
  subscribers(eventguid: string): number {
    return [...this.cookies.values()].filter((cookies) => cookies.has(eventguid)).length;
  }

  /** How far the session has acknowledged the event, or else where it began; `undefined` if it holds nothing of it. */
  resumesAfter(subscriberId: string, eventguid: string): number | undefined {
    return this.sessions.get(subscriberId)?.get(eventguid)?.offset;
  }

  /** The arguments of all commands of this method, so far. */
  asked(method: keyof typeof METHODS): readonly (readonly unknown[])[] {
    return this.commands.filter((command) => command.method === METHODS[method]).map(({ args }) => args);
  }

  /** Accepts a trigger and delivers it to whoever is subscribed. */
  trigger(eventguid: string, data: unknown, meta: Partial<DeliveryMeta> = {}): string {
    const kept = this.keep(eventguid, data, meta);
    for (const [socket, cookies] of this.cookies) {
      const cookie = cookies.get(eventguid);
      if (cookie !== undefined) this.send(socket, eventguid, cookie, kept);
      if (meta.ended) cookies.delete(eventguid);
    }
    return kept.meta.position;
  }

  /** Accepts a trigger and delivers it to nobody. */
  keep(eventguid: string, data: unknown, meta: Partial<DeliveryMeta> = {}): Kept {
    const history = this.history.get(eventguid) ?? [];
    const kept = { data, meta: { position: `${this.epoch}:${history.length + 1}`, time: 1, ...meta } };
    this.history.set(eventguid, [...history, kept]);
    return kept;
  }

  /** Calls any method at all clients, with anything. */
  call(method: string, ...args: readonly unknown[]): void {
    this.io.emit(method, ...args);
  }

  /** Cuts all connections without a word. */
  drop(): void {
    for (const socket of this.cookies.keys()) socket.conn.close(true);
  }

  close(reason: CloseReason): void {
    this.call(CLIENT_METHODS.close, reason);
    this.io.disconnectSockets(true);
  }

  async stop(): Promise<void> {
    await this.io.close();
  }

  private accept(socket: Socket): void {
    this.cookies.set(socket, new Map());
    socket.on('disconnect', () => this.cookies.delete(socket));
    socket.onAny((method: string, ...args: unknown[]) => {
      const reply = args.pop() as (reply: unknown) => void;
      this.commands.push({ method, args });
      this.mostOutstanding = Math.max(this.mostOutstanding, ++this.outstanding);
      // Answered a turn later, as by a hub that asks its store first.
      setImmediate(() => this.reply(socket, { method, args }, reply));
    });
  }

  private reply(socket: Socket, command: Command, reply: (reply: unknown) => void): void {
    const answer = this.answer(command);
    if (answer === NEVER) return;
    if (answer === UNHEARD) {
      this.cookies.get(socket)?.set(command.args[0] as string, command.args[1] as string);
      return;
    }
    this.outstanding--;
    if (answer === undefined) this.usual(socket, command, reply);
    else reply(answer);
  }

  private usual(socket: Socket, { method, args }: Command, reply: (reply: unknown) => void): void {
    const eventguid = args[0] as string;
    if (method === METHODS.subscribe)
      return this.subscribe(socket, eventguid, args[1] as string, args[2], reply);
    if (method === METHODS.trigger)
      return reply({ ok: true, position: this.trigger(eventguid, textOf(args[1])), subscribers: 1 });
    if (method === METHODS.acknowledge) return this.acknowledge(socket, eventguid, args[1] as string, reply);
    this.sessionOf(socket)?.delete(eventguid);
    reply({ ok: true, removed: this.cookies.get(socket)?.delete(eventguid) });
  }

  private subscribe(
    socket: Socket,
    eventguid: string,
    cookie: string,
    options: unknown,
    reply: (reply: unknown) => void,
  ): void {
    const cookies = this.cookies.get(socket);
    const isNew = !cookies?.has(eventguid);
    cookies?.set(eventguid, cookie);
    const history = this.history.get(eventguid) ?? [];
    const position = history.at(-1)?.meta.position ?? `${this.epoch}:0`;
    const after = (options as { after?: string } | undefined)?.after;
    const session = this.sessionOf(socket);
    const held = session?.get(eventguid);
    session?.set(eventguid, held ?? { offset: history.length });
    if (held && isNew) {
      const from = after ?? `${this.epoch}:${held.offset}`;
      reply({ ok: true, position, recovered: true, resumed: from });
      for (const kept of history.slice(offsetOf(from))) this.send(socket, eventguid, cookie, kept);
      return;
    }
    if (after === undefined || !isNew) return reply({ ok: true, position });
    reply({ ok: true, position, recovered: true });
    for (const kept of history.slice(offsetOf(after))) this.send(socket, eventguid, cookie, kept);
  }

  private acknowledge(
    socket: Socket,
    eventguid: string,
    position: string,
    reply: (reply: unknown) => void,
  ): void {
    const held = this.sessionOf(socket)?.get(eventguid);
    if (!held) return reply({ ok: false, code: 'not-found', message: 'Nothing is held.' });
    held.offset = Math.max(held.offset, offsetOf(position));
    reply({ ok: true });
  }

  private sessionOf(socket: Socket): Map<string, Held> | undefined {
    const { subscriberId } = socket.handshake.auth as { subscriberId?: string };
    if (subscriberId === undefined) return undefined;
    const session = this.sessions.get(subscriberId) ?? new Map<string, Held>();
    this.sessions.set(subscriberId, session);
    return session;
  }

  private send(socket: Socket, eventguid: string, cookie: string, { data, meta }: Kept): void {
    socket.emit(CLIENT_METHODS.receive, eventguid, cookie, data, meta);
  }
}

function offsetOf(position: string): number {
  return Number(position.split(':')[1]);
}

/** What is neither text nor bytes travels as its JSON text. */
function textOf(data: unknown): unknown {
  return typeof data === 'string' || data instanceof Uint8Array ? data : JSON.stringify(data);
}
