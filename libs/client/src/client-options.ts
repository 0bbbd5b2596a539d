import { HubError, parseSubscriberId } from '@ringback/contract';
import { systemClock, type Clock } from './clock.js';
import type { Gap } from './delivery.js';
import type { Keeper } from './keeper.js';
import type { Status } from './status.js';
import { socketIoTransport, type SocketIoOptions } from './transports/socketio.transport.js';
import type { Transport } from './transports/transport.js';

/** Where an error happened that no caller waits for. */
export interface ErrorContext {
  readonly eventguid?: string;
  readonly position?: string;
}

/**
 * How to reach the hub, and what to tell about it. `url`, `path`, `token` and `polling` are read by the default transport; another one has to show
 * `subscriberId` to the hub itself.
 */
export interface ClientOptions extends SocketIoOptions {
  /** Upper bound of the first delay before reconnecting, at least 1. Default: 250, or `maxDelayMs` if that is less */
  readonly minDelayMs?: number;
  /** Upper bound of every delay before reconnecting, at least `minDelayMs`. Default: 10,000 */
  readonly maxDelayMs?: number;
  /** How long connecting and each command may take, waiting for a connection included; at least 1. Default: 10,000 */
  readonly timeoutMs?: number;
  /**
   * With a `subscriberId`: acknowledges each delivery when its handler has succeeded. `false` leaves that to the program, which calls
   * `delivery.acknowledge()`. Default: `true`
   */
  readonly autoAcknowledge?: boolean;
  /** Called at each change of status, as `RingbackClient.status` yields it. */
  readonly onStatus?: (status: Status) => void;
  /** Called when deliveries are lost for good. */
  readonly onGap?: (gap: Gap) => void;
  /**
   * Called with what handlers throw, with what goes wrong while subscribing again, and with what the hub complains about. Default: writes to
   * the console.
   */
  readonly onError?: (error: unknown, context: ErrorContext) => void;
  /** Carries the commands and deliveries. Default: Socket.IO over WebSocket. */
  readonly transport?: Transport;
  /** For tests. Default: the time of the machine. */
  readonly clock?: Clock;
  /** For tests: a number from 0 up to 1. Default: `Math.random` */
  readonly random?: () => number;
}

/** The options with their defaults, as the parts of the client need them. */
export interface Settings {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly timeoutMs: number;
  /** A session where there is a `subscriberId`. */
  readonly keeper: Keeper;
  readonly autoAcknowledge: boolean;
  /** Most deliveries of one event that wait for its handler, with a session: beyond it the hub keeps them. */
  readonly mostWaiting: number;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
}

const MOST_WAITING = 10_000;

/** The longest that a timer can wait; a longer one would not wait at all. */
const LONGEST_MS = 2 ** 31 - 1;

/** Throws `bad-request` for spans of time with which the client could not go about its work. */
export function completeOptions(options: ClientOptions): Settings {
  const { maxDelayMs = 10_000, minDelayMs = Math.min(250, maxDelayMs), timeoutMs = 10_000 } = options;
  for (const [name, value] of Object.entries({ maxDelayMs, minDelayMs, timeoutMs })) assertSpan(name, value);
  if (minDelayMs > maxDelayMs) throw new HubError('bad-request', 'minDelayMs is more than maxDelayMs.');
  return {
    minDelayMs,
    maxDelayMs,
    timeoutMs,
    mostWaiting: MOST_WAITING,
    ...completeSession(options),
    transport: options.transport ?? socketIoTransport(options),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function completeSession({
  subscriberId,
  autoAcknowledge,
}: ClientOptions): Pick<Settings, 'keeper' | 'autoAcknowledge'> {
  if (subscriberId !== undefined) {
    parseSubscriberId(subscriberId);
    return { keeper: 'session', autoAcknowledge: autoAcknowledge ?? true };
  }
  if (autoAcknowledge === undefined) return { keeper: 'connection', autoAcknowledge: false };
  throw new HubError(
    'bad-request',
    'autoAcknowledge without a subscriberId: there is nothing to acknowledge.',
  );
}

function assertSpan(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 1 && value <= LONGEST_MS) return;
  throw new HubError('bad-request', `${name} is not a number of milliseconds from 1 to ${LONGEST_MS}.`);
}
