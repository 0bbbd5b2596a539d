import {
  CLIENT_METHODS,
  CLOSE_REASONS,
  HubError,
  METHODS,
  parseAcknowledge,
  parseSubscribe,
  parseTrigger,
  parseUnsubscribe,
  type Command,
} from '@ringback/contract';
import type { Hub, NodeService } from '@ringback/core';
import {
  closeReasonOf,
  ConnectionRegistry,
  InboundControl,
  parseSessionRequest,
  type ClientSession,
  type RequestedSession,
} from '@ringback/gateway-kit';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { encodeCall, encodeLine, parseLine, type NdjsonMessage } from './ndjson.codec.js';
import { NdjsonConnection } from './ndjson.connection.js';
import { readLines } from './ndjson.lines.js';

const PARSERS: Readonly<Record<string, (args: readonly unknown[]) => Command>> = {
  [METHODS.subscribe]: parseSubscribe,
  [METHODS.unsubscribe]: parseUnsubscribe,
  [METHODS.acknowledge]: parseAcknowledge,
  [METHODS.trigger]: parseTrigger,
};

type Session = ClientSession<NdjsonConnection>;

/** What the first line says of the client. */
type Greeting = RequestedSession & { readonly token?: string };

const BROKEN_LINE = new HubError('bad-request', 'The line is no message.');

/** Newline-delimited JSON over TCP. The first line is `{"method":"Connect","args":[{token?,subscriberId?,resume?}]}`, all others are commands. */
export class NdjsonGateway implements NodeService {
  private readonly clients: ConnectionRegistry<NdjsonConnection>;
  private readonly inbound: InboundControl;
  private readonly server = createServer((socket) => this.accept(socket));

  constructor(
    private readonly hub: Hub,
    private readonly port: number,
    private readonly connectTimeoutMs = hub.limits.connectTimeoutMs,
  ) {
    this.inbound = InboundControl.of(hub);
    this.clients = new ConnectionRegistry(hub, 'ndjson');
  }

  /** The port that clients connect to; with 0 configured, the one that was free. */
  get boundPort(): number {
    return (this.server.address() as { readonly port: number }).port;
  }

  async start(): Promise<void> {
    this.server.listen(this.port);
    await once(this.server, 'listening');
  }

  /** Takes in nobody more; the clients that are left are the hub's to send away. */
  stop(): void {
    this.server.close();
  }

  /** Data at its limit fits however it is escaped: JSON takes up to six characters for one. */
  private get maxLine(): number {
    const { dataBytes, cookieBytes } = this.hub.limits;
    return 6 * (dataBytes + cookieBytes) + 16 * 1024;
  }

  private accept(socket: Socket): void {
    const connection = new NdjsonConnection(socket, this.inbound, (error) => this.hub.failed(error));
    const deadline = setTimeout(
      () => connection.close(CLOSE_REASONS['connect-timeout']),
      this.connectTimeoutMs,
    ).unref();
    let session: Promise<Session | undefined> | undefined;
    const whenAdmitted = (work: (client: Session) => void): void => {
      session?.then((client) => client && work(client)).catch(() => socket.destroy());
    };
    readLines(socket, this.maxLine, connection.inbound, (line) => {
      const message = parseLine(line);
      if (session) whenAdmitted((client) => this.receive(client, message));
      else session = this.admit(connection, message).finally(() => clearTimeout(deadline));
    });
    socket.on('error', () => socket.destroy()); // its close event says so as well
    socket.on('close', () => {
      clearTimeout(deadline);
      connection.inbound.finish(() => whenAdmitted((client) => this.clients.end(client)));
    });
  }

  /** Resolves to nothing when the client is refused: it has been told why. What it sent behind must not cut that off. */
  private async admit(
    connection: NdjsonConnection,
    message: NdjsonMessage | undefined,
  ): Promise<Session | undefined> {
    try {
      const { token, ...requested } = parseGreeting(message);
      const identity = await this.hub.authenticate({
        gateway: 'ndjson',
        ...(token !== undefined && { token }),
      });
      const session = this.clients.open(connection, identity, parseSessionRequest(requested, identity));
      connection.writeLine(encodeLine({ id: message?.id, ok: true }));
      return session;
    } catch (error) {
      this.refuse(connection, error, message);
      return undefined;
    }
  }

  private refuse(connection: NdjsonConnection, error: unknown, message: NdjsonMessage | undefined): void {
    const hubError = this.hub.failed(error);
    this.fail(connection, hubError, message);
    const reason = hubError.temporary ? CLOSE_REASONS['session-acquire-failed'] : CLOSE_REASONS.unauthorized;
    connection.close(closeReasonOf(hubError) ?? reason);
  }

  private receive(session: Session, message: NdjsonMessage | undefined): void {
    if (!message) return this.refuseLine(session.connection);
    const { id, method, args } = message;
    session
      .run(method, args, (release) => session.execute(parseCommand(message), release))
      .then((reply) => id !== undefined && session.connection.writeLine(encodeLine({ id, ...reply })))
      .catch((error: unknown) => this.fail(session.connection, this.hub.failed(error), message));
  }

  private refuseLine(connection: NdjsonConnection): void {
    const error = this.hub.failed(BROKEN_LINE);
    this.fail(connection, error);
    connection.inbound.fail(error.code);
  }

  /** Answers with the error; a message without an id gets it as a notice. */
  private fail(
    connection: NdjsonConnection,
    { code, message: text }: HubError,
    message?: NdjsonMessage,
  ): void {
    const { id, method } = message ?? {};
    if (id === undefined)
      connection.writeLine(encodeCall(CLIENT_METHODS.error, { code, message: text, method }));
    else connection.writeLine(encodeLine({ id, ok: false, code, message: text }));
  }
}

/** Throws `bad-request` for a first line that does not say who connects. */
function parseGreeting(message: NdjsonMessage | undefined): Greeting {
  const greeting = message?.method === 'Connect' ? message.args[0] : undefined;
  if (typeof greeting !== 'object' || greeting === null) {
    throw new HubError('bad-request', 'The first line is no Connect with an object.');
  }
  const { token } = greeting as { readonly token?: unknown };
  if (token !== undefined && typeof token !== 'string')
    throw new HubError('bad-request', 'The token is no text.');
  return greeting;
}

function parseCommand({ method, args }: NdjsonMessage): Command {
  const parse = Object.hasOwn(PARSERS, method) ? PARSERS[method] : undefined;
  if (!parse) throw new HubError('unknown-method');
  return parse(args);
}
