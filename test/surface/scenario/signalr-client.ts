import {
  jsonFraming,
  messagePackFraming,
  type HubMessage,
  type SignalRFraming,
} from '../wire/signalr-framing.js';
import { negotiate } from '../wire/signalr-requests.js';
import {
  overEventStream,
  overLongPolling,
  overWebSocket,
  type SignalRTransport,
} from '../wire/signalr-transports.js';
import type { Target } from '../wire/wire-connection.js';
import type { CommandClient, Dialect } from './command-client.js';
import { Conversation, type Spoken } from './conversation.js';
import { METHODS } from '../names.js';

/** How many arguments a method has. Those that are left out are null: the number is exact. */
type Arities = Readonly<Record<string, number>>;

/** One of the hubs. */
interface HubPath {
  readonly name: string;
  readonly path: string;
  readonly arities: Arities;
}

const EVENT_HUB: HubPath = {
  name: 'event-hub',
  path: '/RealtimeEventPushHub',
  arities: { [METHODS.subscribe]: 2, [METHODS.trigger]: 3 },
};
const HUB: HubPath = {
  name: 'hub',
  path: '/hub',
  arities: { [METHODS.subscribe]: 3, [METHODS.trigger]: 3 },
};

/** Everything that a client can do, both protocols. */
export const HUB_DIALECTS: readonly Dialect[] = [
  dialect(HUB, jsonFraming, 'websocket', overWebSocket),
  dialect(HUB, messagePackFraming, 'websocket', overWebSocket),
];

/** The other transports of the hub. */
export const HUB_TRANSPORT_DIALECTS: readonly Dialect[] = [
  dialect(HUB, jsonFraming, 'polling', overLongPolling),
  dialect(HUB, messagePackFraming, 'polling', overLongPolling),
  dialect(HUB, jsonFraming, 'event-stream', overEventStream),
];

/** MDriven's two methods and three strings. */
export const EVENT_HUB_DIALECTS: readonly Dialect[] = [
  dialect(EVENT_HUB, jsonFraming, 'websocket', overWebSocket),
  dialect(EVENT_HUB, messagePackFraming, 'websocket', overWebSocket),
  dialect(EVENT_HUB, jsonFraming, 'polling', overLongPolling),
  dialect(EVENT_HUB, messagePackFraming, 'polling', overLongPolling),
];

function dialect(hub: HubPath, framing: SignalRFraming, transport: string, open: SignalRTransport): Dialect {
  return {
    name: `${hub.name}-${framing.name}-${transport}`,
    connect: (url, { token, ...query } = {}) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return SignalRClient.connect({ url, path: hub.path, query, headers }, hub.arities, framing, open);
    },
  };
}

/** A client of SignalR that writes its messages itself. */
class SignalRClient implements CommandClient {
  readonly hasProtocolNotices = false;
  private lastId = 0;

  private constructor(
    readonly conversation: Conversation,
    readonly connectionId: string,
    private readonly framing: SignalRFraming,
    private readonly arities: Arities,
  ) {}

  static async connect(
    target: Target,
    arities: Arities,
    framing: SignalRFraming,
    open: SignalRTransport,
  ): Promise<SignalRClient> {
    const { bytes } = await negotiate(target);
    const negotiated = JSON.parse(bytes.toString()) as { connectionId: string; connectionToken: string };
    const conversation = new Conversation(await open(target, framing, negotiated.connectionToken));
    conversation.record('negotiate', { received: [bytes.toString()] });
    const handshake = `${JSON.stringify({ protocol: framing.name, version: 1 })}\x1e`;
    const message = framing.isBinary ? Buffer.from(handshake) : handshake;
    await conversation.send('handshake', [{ text: handshake.slice(0, -1), message }]);
    return new SignalRClient(conversation, negotiated.connectionId, framing, arities);
  }

  async call(step: string, method: string, args: readonly unknown[], further = 0): Promise<string> {
    const invocation = this.invocation(method, args, { invocationId: String(++this.lastId) });
    return (await this.conversation.send(step, [invocation], 1 + further)).join('\n');
  }

  callUntil(step: string, method: string, args: readonly unknown[], texts: readonly string[]): Promise<void> {
    const invocation = this.invocation(method, args, { invocationId: String(++this.lastId) });
    return this.conversation.receiveUntil(step, texts, [invocation]);
  }

  async notify(step: string, method: string, args: readonly unknown[], messages = 1): Promise<string> {
    return (await this.conversation.send(step, [this.invocation(method, args, {})], messages)).join('\n');
  }

  private invocation(target: string, args: readonly unknown[], id: HubMessage): Spoken {
    const missing = Math.max(0, (this.arities[target] ?? 0) - args.length);
    const all = [...args, ...Array.from({ length: missing }, () => null)];
    const message = this.framing.write({ type: 1, ...id, target, arguments: all });
    return { text: this.framing.read(Buffer.from(message))[0] ?? '', message };
  }
}
