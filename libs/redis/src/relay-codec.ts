import {
  parseTraceContext,
  type Data,
  type EventGuid,
  type Labels,
  type TraceContext,
} from '@ringback/contract';
import type { ReceiptRequest, Relayed } from '@ringback/core';

/*
 * The one format of history entries and of messages between nodes. Integers and doubles are big-endian.
 *
 *   version 1 byte (1; of an envelope with an origin 2, with a retryMs 3, none of which the versions before know) · kind 1 byte
 *   kind 1, an envelope: flags 1 byte · offset, time, epochStart 8 bytes each (double) · epoch (1 byte of length) ·
 *                        type, contentType, source, id, origin where the flags say so (2 bytes of length each) ·
 *                        retryMs where they say so (8 bytes, double) · data
 *   kind 2, a removal:   0 (1 byte) · subscriptionId (2 bytes of length) · subscriber
 *   kind 3, a join, and kind 4, a leave: 0 (1 byte) · subscriber
 *   kind 5, an envelope with what travels beside it: flags 1 byte · nodeId, receiptId (2 bytes of length each) · a message of kind 1
 *                        nodeId and receiptId ask for receipts; with flag 1 the receiptId has a trace context behind it, as
 *                        ` traceparent` or ` traceparent tracestate`, and asks for nothing if the nodeId is empty
 *
 * Kind 1 alone is kept. What travels beside it stands before the entry, so that the entry is the same with and without it. A node that does not know of trace
 * contexts takes one for a part of the receiptId: it delivers, and reports with all of that to the node that is named (see peer-codec.ts), or to nobody.
 * The node that publishes writes labels and data, once; the trigger script puts the rest before it.
 */
const VERSION = 1;
/** Versions of envelopes with more in them. */
const LATER_VERSIONS: ReadonlySet<number | undefined> = new Set([2, 3]);
const ENVELOPE = 1;
const REMOVAL = 2;
const JOIN = 3;
const LEAVE = 4;
const BESIDE = 5;

const ONE_SHOT = 1;
const BYTES = 2;
const LABELS = [
  ['type', 4],
  ['contentType', 8],
  ['source', 16],
  ['id', 32],
  ['origin', 64],
] as const;
const RETRY = 128;
const RETRY_BYTES = 8;

const TRACED = 1;
/** What a receiptId is with a trace context behind it. */
const RECEIPT_AND_TRACE = /^([^ ]*) ([^ ]*)(?: (.*))?$/;

const EPOCH = /^[0-9A-Za-z]{1,32}$/;

const OFFSET_AT = 3;
const TIME_AT = 11;
const EPOCH_START_AT = 19;
const EPOCH_AT = 27;
const REST_AT = 3;

/** What a node hears on the channel of an event. */
export type RelayMessage =
  | { readonly kind: 'envelope'; readonly relayed: Relayed }
  | { readonly kind: 'removal'; readonly subscriber: string; readonly subscriptionId: string }
  | { readonly kind: 'join' | 'leave'; readonly subscriber: string };

/** What of an entry the publishing node knows; the trigger script adds the rest. */
export interface EncodedTrigger {
  readonly flags: number;
  readonly body: Buffer;
}

export function encodeTrigger(trigger: Labels & { data: Data; removeAfterSend: boolean }): EncodedTrigger {
  const { data, retryMs } = trigger;
  let flags = (trigger.removeAfterSend ? ONE_SHOT : 0) | (typeof data === 'string' ? 0 : BYTES);
  const parts: Buffer[] = [];
  for (const [name, flag] of LABELS) {
    const label = trigger[name];
    if (label === undefined) continue;
    flags |= flag;
    parts.push(encodeLabel(label));
  }
  if (retryMs !== undefined) {
    flags |= RETRY;
    parts.push(encodeRetry(retryMs));
  }
  const bytes = typeof data === 'string' ? Buffer.from(data) : asBuffer(data);
  return { flags, body: parts.length === 0 ? bytes : Buffer.concat([...parts, bytes]) };
}

/** What stands before an entry with which something travels; `undefined` where nothing does. */
export function encodeBeside(receipt?: ReceiptRequest, trace?: TraceContext): Buffer | undefined {
  if (!receipt && !trace) return undefined;
  const { nodeId, receiptId } = receipt ?? { nodeId: '', receiptId: '' };
  return Buffer.concat([
    Buffer.from([VERSION, BESIDE, trace ? TRACED : 0]),
    encodeLabel(nodeId),
    encodeLabel(trace ? `${receiptId} ${encodeTrace(trace)}` : receiptId),
  ]);
}

/** The message, or `undefined` if it is not one that this version reads. Never throws. */
export function decodeMessage(eventguid: EventGuid, message: Buffer): RelayMessage | undefined {
  if (message.length < REST_AT || !isReadable(message)) return undefined;
  try {
    return decodeKind(eventguid, message);
  } catch {
    // A length that points past the end: garbage like any other. Whoever asked logs it.
    return undefined;
  }
}

/** A kept entry, or `undefined` if it is not one that this version reads. */
export function decodeEntry(eventguid: EventGuid, entry: Buffer): Relayed | undefined {
  const message = entry[1] === ENVELOPE ? decodeMessage(eventguid, entry) : undefined;
  return message?.kind === 'envelope' ? message.relayed : undefined;
}

function isReadable([version, kind]: Buffer): boolean {
  return version === VERSION || (LATER_VERSIONS.has(version) && kind === ENVELOPE);
}

function decodeKind(eventguid: EventGuid, message: Buffer): RelayMessage | undefined {
  switch (message[1]) {
    case ENVELOPE:
      return { kind: 'envelope', relayed: decodeEnvelope(eventguid, message) };
    case REMOVAL:
      return decodeRemoval(message);
    case JOIN:
      return { kind: 'join', subscriber: text(message, REST_AT, message.length) };
    case LEAVE:
      return { kind: 'leave', subscriber: text(message, REST_AT, message.length) };
    case BESIDE:
      return decodeBeside(eventguid, message);
    default:
      return undefined;
  }
}

function decodeBeside(eventguid: EventGuid, message: Buffer): RelayMessage | undefined {
  const { label: nodeId, end: nodeIdEnd } = readLabel(message, REST_AT);
  const { label: receiptId, end } = readLabel(message, nodeIdEnd);
  const relayed = decodeEntry(eventguid, message.subarray(end));
  const isTraced = (message.readUInt8(2) & TRACED) !== 0;
  const beside = isTraced ? decodeTraced(nodeId, receiptId) : { receipt: { nodeId, receiptId } };
  return relayed && { kind: 'envelope', relayed: { ...relayed, ...beside } };
}

function decodeTraced(nodeId: string, text: string): Pick<Relayed, 'receipt' | 'trace'> {
  const [, receiptId = '', traceparent, tracestate] = RECEIPT_AND_TRACE.exec(text) ?? [];
  const trace = parseTraceContext(traceparent, tracestate);
  return { ...(nodeId !== '' && { receipt: { nodeId, receiptId } }), ...(trace && { trace }) };
}

function encodeTrace({ traceparent, tracestate }: TraceContext): string {
  return tracestate === undefined ? traceparent : `${traceparent} ${tracestate}`;
}

/** Throws for what no script has written: nobody could tell what comes before such an envelope, or after it. */
function decodeEnvelope(eventguid: EventGuid, message: Buffer): Relayed {
  const relayed = decodeFields(eventguid, message);
  const { position, time } = relayed.envelope;
  const isSound =
    isCount(position.offset) &&
    position.offset > 0 &&
    isCount(relayed.epochStart) &&
    isCount(relayed.envelope.retryMs ?? 0) &&
    relayed.epochStart < position.offset &&
    isCount(time) &&
    EPOCH.test(position.epoch);
  if (!isSound) throw new RangeError('The envelope has no place.');
  return relayed;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function decodeFields(eventguid: EventGuid, message: Buffer): Relayed {
  const flags = message.readUInt8(2);
  const epochEnd = EPOCH_AT + 1 + message.readUInt8(EPOCH_AT);
  const epoch = text(message, EPOCH_AT + 1, epochEnd);
  const { labels, end } = decodeLabels(message, flags, epochEnd);
  // Bytes are copied: a view would hold on to all that the socket read at once.
  const data =
    (flags & BYTES) === 0 ? text(message, end, message.length) : new Uint8Array(message.subarray(end));
  return {
    envelope: {
      eventguid,
      position: { epoch, offset: message.readDoubleBE(OFFSET_AT) },
      data,
      ...labels,
      time: message.readDoubleBE(TIME_AT),
      oneShot: (flags & ONE_SHOT) !== 0,
    },
    epochStart: message.readDoubleBE(EPOCH_START_AT),
  };
}

type Mutable<Type> = { -readonly [key in keyof Type]: Type[key] };

function decodeLabels(message: Buffer, flags: number, start: number): { labels: Labels; end: number } {
  const labels: Mutable<Labels> = {};
  let at = start;
  for (const [name, flag] of LABELS) {
    if ((flags & flag) === 0) continue;
    const { label, end } = readLabel(message, at);
    labels[name] = label;
    at = end;
  }
  if ((flags & RETRY) === 0) return { labels, end: at };
  labels.retryMs = message.readDoubleBE(at);
  return { labels, end: at + RETRY_BYTES };
}

function decodeRemoval(message: Buffer): RelayMessage {
  const { label: subscriptionId, end } = readLabel(message, REST_AT);
  return { kind: 'removal', subscriptionId, subscriber: text(message, end, message.length) };
}

function encodeRetry(retryMs: number): Buffer {
  const encoded = Buffer.allocUnsafe(RETRY_BYTES);
  encoded.writeDoubleBE(retryMs);
  return encoded;
}

function encodeLabel(label: string): Buffer {
  const length = Buffer.byteLength(label);
  const encoded = Buffer.allocUnsafe(2 + length);
  encoded.writeUInt16BE(length);
  encoded.write(label, 2);
  return encoded;
}

function readLabel(message: Buffer, at: number): { readonly label: string; readonly end: number } {
  const end = at + 2 + message.readUInt16BE(at);
  return { label: text(message, at + 2, end), end };
}

function text(message: Buffer, start: number, end: number): string {
  if (end > message.length) throw new RangeError('The message ends early.');
  return message.toString('utf8', start, end);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
