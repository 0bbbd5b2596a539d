import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';

type Fields = Readonly<Record<string, unknown>>;

/** What the browser sends: the answer to a call, or an event of a tab. */
interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
}

interface Pending {
  readonly resolve: (result: Fields) => void;
  readonly reject: (error: Error) => void;
}

/** A client of the DevTools protocol: as little of it as tests need. */
export class DevTools {
  private readonly pending = new Map<number, Pending>();
  private readonly sessions = new Map<string, DevToolsSession>();
  private calls = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (bytes) => this.receive(JSON.parse((bytes as Buffer).toString()) as Message));
    socket.on('close', () => {
      for (const { reject } of this.pending.values()) reject(new Error('The browser is gone.'));
    });
  }

  static async connect(url: string): Promise<DevTools> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, 'open');
    return new DevTools(socket);
  }

  async openTab(): Promise<DevToolsSession> {
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
    const session = new DevToolsSession((method, params) => this.call(method, params, String(sessionId)));
    this.sessions.set(String(sessionId), session);
    return session;
  }

  close(): void {
    this.socket.terminate();
  }

  private call(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    const id = ++this.calls;
    this.socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
    });
  }

  private receive({ id, sessionId = '', method, params = {}, result = {}, error }: Message): void {
    if (id === undefined) return this.sessions.get(sessionId)?.receive(String(method), params);
    const call = this.pending.get(id);
    this.pending.delete(id);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  }
}

/** What is said with one tab. */
export class DevToolsSession {
  private readonly events = new EventEmitter();

  constructor(readonly call: (method: string, params?: Fields) => Promise<Fields>) {}

  on(method: string, listener: (params: Fields) => void): void {
    this.events.on(method, listener);
  }

  /** Resolves with the next event of this name. */
  async next(method: string): Promise<Fields> {
    const [params] = (await once(this.events, method)) as [Fields];
    return params;
  }

  receive(method: string, params: Fields): void {
    this.events.emit(method, params);
  }
}
