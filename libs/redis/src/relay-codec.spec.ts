import { describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Data, type Labels } from '@ringback/contract';
import { decodeEntry, decodeMessage, encodeBeside, encodeTrigger } from './relay-codec.js';

const eventguid = parseEventGuid('event');

function versionOf(flags: number): number {
  if (flags >= 128) return 3;
  return flags >= 64 ? 2 : 1;
}

/** What the trigger script makes of a trigger. */
function entryOf(trigger: Labels & { data: Data; removeAfterSend?: boolean }, version?: number): Buffer {
  const { flags, body } = encodeTrigger({ removeAfterSend: false, ...trigger });
  const header = Buffer.alloc(28);
  header.writeUInt8(version ?? versionOf(flags), 0);
  header.writeUInt8(1, 1);
  header.writeUInt8(flags, 2);
  header.writeDoubleBE(2 ** 53 - 1, 3);
  header.writeDoubleBE(1_790_000_000_123, 11);
  header.writeDoubleBE(41, 19);
  header.writeUInt8(3, 27);
  return Buffer.concat([header, Buffer.from('e1Z'), body]);
}

describe('the format between nodes', () => {
  it.each<[string, Data]>([
    ['text', 'text'],
    ['no data', ''],
    ['emoji', '🔔👩‍👩‍👧‍👦'],
    ['separators', '\u2028\u0000\t\n'],
    ['a byte order mark', '\ufefftext'],
    ['long text', 'ä'.repeat(40_000)],
    ['bytes', Uint8Array.from([0, 255, 128, 10])],
    ['no bytes', new Uint8Array()],
  ])('carries %s unchanged', (_name, data) => {
    expect(decodeEntry(eventguid, entryOf({ data }))?.envelope.data).toEqual(data);
  });

  it('carries position, time, start of the epoch and the one-shot', () => {
    expect(decodeEntry(eventguid, entryOf({ data: 'd', removeAfterSend: true }))).toEqual({
      envelope: {
        eventguid,
        position: { epoch: 'e1Z', offset: 2 ** 53 - 1 },
        data: 'd',
        time: 1_790_000_000_123,
        oneShot: true,
      },
      epochStart: 41,
    });
  });

  it.each<Labels>([
    {},
    { type: 'order.paid 🔔' },
    { contentType: 'text/plain' },
    { source: '/shop', id: 'i' },
    { type: 't', contentType: 'c', source: 's'.repeat(1024), id: '' },
    { id: 'i', origin: '3fa94c07e1b25d886a/e1Z:7' },
    { type: 't', retryMs: 0 },
    { id: 'i', origin: '3fa94c07e1b25d886a/e1Z:7', retryMs: 86_400_000 },
  ])('carries the labels %j and no others', (labels) => {
    const { position, data, time, oneShot, ...rest } = decodeEntry(
      eventguid,
      entryOf({ data: 'd', ...labels }),
    )!.envelope;
    expect(rest).toEqual({ eventguid, ...labels });
    expect([position.epoch, data, time > 0, oneShot]).toEqual(['e1Z', 'd', true, false]);
  });

  it('keeps no hold on the buffer that bytes came in', () => {
    const entry = entryOf({ data: Uint8Array.from([1, 2, 3]) });
    const { data } = decodeEntry(eventguid, entry)!.envelope;
    entry.fill(0);
    expect(data).toEqual(Uint8Array.from([1, 2, 3]));
  });

  it('carries a removal', () => {
    const removal = Buffer.concat([Buffer.from([1, 2, 0, 0, 2]), Buffer.from('idc:🔔')]);
    expect(decodeMessage(eventguid, removal)).toEqual({
      kind: 'removal',
      subscriptionId: 'id',
      subscriber: 'c:🔔',
    });
    expect(decodeEntry(eventguid, removal)).toBeUndefined();
  });

  it.each<['join' | 'leave', number]>([
    ['join', 3],
    ['leave', 4],
  ])('carries a %s', (kind, byte) => {
    const change = Buffer.concat([Buffer.from([1, byte, 0]), Buffer.from('c:🔔')]);
    expect(decodeMessage(eventguid, change)).toEqual({ kind, subscriber: 'c:🔔' });
    expect(decodeEntry(eventguid, change)).toBeUndefined();
  });

  it('carries a request for receipts before the entry, which stays as it is', () => {
    const receipt = { nodeId: 'node-🔔', receiptId: 'receipt' };
    const entry = entryOf({ data: Uint8Array.from([0, 255]), type: 'type' });
    const message = Buffer.concat([encodeBeside(receipt)!, entry]);
    const relayed = { ...decodeEntry(eventguid, entry), receipt };
    expect(decodeMessage(eventguid, message)).toEqual({ kind: 'envelope', relayed });
    expect(decodeEntry(eventguid, message)).toBeUndefined();
    const { length } = encodeBeside(receipt)!;
    for (let end = 0; end < length + 28; end++) {
      expect(decodeMessage(eventguid, message.subarray(0, end))).toBeUndefined();
    }
  });

  describe('with a trace context beside the entry', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const receipt = { nodeId: 'node', receiptId: '12' };
    const entry = entryOf({ data: Uint8Array.from([0, 255]), type: 'type' });
    const kept = decodeEntry(eventguid, entry)!;

    it.each([
      [undefined, { traceparent }],
      [undefined, { traceparent, tracestate: 'a=1, b=2 3' }],
      [receipt, { traceparent }],
      [receipt, { traceparent, tracestate: 'a=1, b=2 3' }],
    ])('carries the receipt %j and the context %j', (asked, trace) => {
      const message = Buffer.concat([encodeBeside(asked, trace)!, entry]);
      const relayed = { ...kept, ...(asked && { receipt }), trace };
      expect(decodeMessage(eventguid, message)).toEqual({ kind: 'envelope', relayed });
    });

    it('is a receipt for whoever knows of no contexts, who reports to the same node or to none', () => {
      const asKnownBefore = (asked?: typeof receipt) => {
        const message = Buffer.concat([encodeBeside(asked, { traceparent })!, entry]);
        message.writeUInt8(0, 2); // not looked at then
        return decodeMessage(eventguid, message);
      };
      const envelope = { kind: 'envelope' };
      expect(asKnownBefore(receipt)).toEqual({
        ...envelope,
        relayed: { ...kept, receipt: { nodeId: 'node', receiptId: `12 ${traceparent}` } },
      });
      expect(asKnownBefore()).toEqual({
        ...envelope,
        relayed: { ...kept, receipt: { nodeId: '', receiptId: ` ${traceparent}` } },
      });
    });

    it('delivers what has none that can be read', () => {
      const message = Buffer.concat([encodeBeside(receipt, { traceparent: 'garbage' })!, entry]);
      expect(decodeMessage(eventguid, message)).toEqual({ kind: 'envelope', relayed: { ...kept, receipt } });
    });
  });

  it('puts nothing before an entry that nothing travels with', () => {
    expect(encodeBeside()).toBeUndefined();
  });

  it('reads no other version and no other kind', () => {
    expect(decodeMessage(eventguid, entryOf({ data: 'd' }, 4))).toBeUndefined();
    expect(decodeMessage(eventguid, Buffer.from([1, 6, 0, 0, 0, 0]))).toBeUndefined();
    expect(decodeMessage(eventguid, Buffer.from([3, 3, 0, 0x63]))).toBeUndefined();
  });

  it('never throws on what was cut off or is garbage', () => {
    const whole = entryOf({ data: 'd', type: 'type', id: 'id' });
    const header = whole.length - 1;
    for (let length = 0; length < header; length++) {
      expect(decodeMessage(eventguid, whole.subarray(0, length))).toBeUndefined();
    }
    expect(decodeMessage(eventguid, Buffer.alloc(64, 255))).toBeUndefined();
  });
});
