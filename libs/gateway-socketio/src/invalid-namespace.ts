import { HubError } from '@ringback/contract';
import { ConnectError } from './socketio.errors.js';
import type { HubServer } from './socketio.types.js';

/** What is used of a packet of Socket.IO. */
interface Packet {
  readonly type: number;
  readonly data?: unknown;
}

interface Encoder {
  encode(packet: Packet): unknown;
}

const CONNECT_ERROR = 4;

/** Gives the refusal of namespaces other than `/` a code: Socket.IO itself writes only `Invalid namespace`, and has no hook. */
export function patchInvalidNamespaceError(io: HubServer): void {
  const encoder = io.encoder as unknown as Encoder;
  const encode = encoder.encode.bind(encoder);
  const { message, data } = new ConnectError(
    new HubError('not-found', 'There is no such namespace; the hub is in the namespace /.'),
  );
  encoder.encode = (packet) => encode(isUncoded(packet) ? { ...packet, data: { message, data } } : packet);
}

function isUncoded({ type, data }: Packet): boolean {
  return type === CONNECT_ERROR && !(data as { data?: unknown }).data;
}
