import {
  HubError,
  isErrorCode,
  parsePosition,
  utf8Bytes,
  type CloseReason,
  type Data,
  type Presence,
  type Receipt,
  type SubscribeReply,
  type TriggerReply,
} from '@ringback/contract';
import type { LinkDelivery } from '../delivery.js';

type Fields = Readonly<Record<string, unknown>>;

/** More than what Socket.IO and Engine.IO put before the arguments. */
const HEAD_BYTES = 32;
const PLACEHOLDER = { _placeholder: true, num: 0 };

/** Bytes of the longest frame of a command, at most: its text, or bytes, which have a frame of their own and are base64 where it is polled. */
export function frameBytes(args: readonly unknown[], polling: boolean): number {
  const text = JSON.stringify(args.map((arg) => (arg instanceof Uint8Array ? PLACEHOLDER : arg)));
  const attached = args.map((arg) => (arg instanceof Uint8Array ? arg.byteLength : 0));
  return HEAD_BYTES + Math.max(utf8Bytes(text), Math.max(...attached) * (polling ? 4 / 3 : 1));
}

/** The delivery in the arguments of `ReceiveEvent`. Throws `internal` if it cannot be read. */
export function parseDelivery(args: readonly unknown[]): LinkDelivery {
  const [eventguid, cookie, data] = args;
  const meta = fields(args[3]);
  if (typeof eventguid !== 'string' || typeof cookie !== 'string' || typeof meta['time'] !== 'number') {
    throw unreadable('delivery');
  }
  return {
    eventguid,
    cookie,
    data: parseDeliveredData(data, meta['encoding']),
    position: position(meta, 'delivery'),
    time: meta['time'],
    ...texts(meta, ['type', 'contentType', 'source', 'id', 'origin']),
    ...flags(meta, ['recovered', 'ended']),
  };
}

/** Throws the error that the hub answered, if it did. */
export function parseSubscribeReply(value: unknown): SubscribeReply {
  const reply = accepted(value);
  return {
    ok: true,
    position: position(reply, 'reply'),
    ...flags(reply, ['recovered', 'ended']),
    ...(reply['resumed'] !== undefined && { resumed: position(reply, 'reply', 'resumed') }),
  };
}

/** Throws the error that the hub answered, if it did. */
export function parseTriggerReply(value: unknown): TriggerReply {
  const reply = accepted(value);
  const { subscribers, receipt } = reply;
  if (typeof subscribers !== 'number') throw unreadable('reply');
  return {
    ok: true,
    position: position(reply, 'reply'),
    subscribers,
    ...(receipt !== undefined && { receipt: parseReceipt(receipt) }),
  };
}

/** The presence in the arguments of `ReceivePresence`, and of which event. Throws `internal` if it cannot be read. */
export function parsePresence(args: readonly unknown[]): readonly [eventguid: string, presence: Presence] {
  const [eventguid] = args;
  const { kind, members, total, member } = fields(args[1]);
  if (typeof eventguid !== 'string') throw unreadable('presence');
  if (kind === 'snapshot' && isTexts(members) && typeof total === 'number') {
    return [eventguid, { kind, members, total }];
  }
  if ((kind === 'join' || kind === 'leave') && typeof member === 'string') {
    return [eventguid, { kind, member }];
  }
  throw unreadable('presence');
}

/** The reply's fields. Throws the error that the hub answered, if it did. */
export function accepted(value: unknown): Fields {
  const reply = fields(value);
  if (reply['ok'] === true) return reply;
  if (reply['ok'] === false) throw parseError(reply);
  throw unreadable('reply');
}

/** An error as the hub writes it: `{ code, message }`. A code that this version does not know becomes `internal`, its name kept in the message. */
export function parseError(value: unknown): HubError {
  const { code, message } = fields(value);
  const text = typeof message === 'string' ? message : undefined;
  if (isErrorCode(code)) return new HubError(code, text);
  return new HubError('internal', `${typeof code === 'string' ? code : 'no code'}: ${text ?? 'no message'}`);
}

/** The argument of `HubClose`; `undefined` if it cannot be read. */
export function parseCloseReason(value: unknown): CloseReason | undefined {
  const { code, name, message } = fields(value);
  if (typeof code !== 'number' || typeof name !== 'string') return undefined;
  return { code, name, message: typeof message === 'string' ? message : name };
}

function parseDeliveredData(data: unknown, encoding: unknown): Data {
  if (data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data); // how browsers hand over binary attachments
  if (typeof data !== 'string' || (encoding !== undefined && encoding !== 'base64'))
    throw unreadable('delivery');
  return encoding === 'base64' ? bytesOfBase64(data) : data;
}

function bytesOfBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (error) {
    throw unreadable('delivery', error);
  }
}

function parseReceipt(value: unknown): Receipt {
  const { delivered, queued, dropped, complete } = fields(value);
  if (
    typeof delivered !== 'number' ||
    typeof queued !== 'number' ||
    typeof dropped !== 'number' ||
    typeof complete !== 'boolean'
  ) {
    throw unreadable('receipt');
  }
  return { delivered, queued, dropped, complete };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function position(of: Fields, what: string, name = 'position'): string {
  try {
    parsePosition(of[name]);
    return of[name] as string;
  } catch (error) {
    throw unreadable(what, error);
  }
}

function texts<Name extends string>(of: Fields, names: readonly Name[]): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = of[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}

function flags<Name extends string>(of: Fields, names: readonly Name[]): { [name in Name]?: boolean } {
  const found: { [name in Name]?: boolean } = {};
  for (const name of names) {
    const value = of[name];
    if (typeof value === 'boolean') found[name] = value;
  }
  return found;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function unreadable(what: string, cause?: unknown): HubError {
  return new HubError(
    'internal',
    `The hub sent a ${what} that cannot be read.`,
    cause === undefined ? {} : { cause },
  );
}
