import { describe, expect, it } from '@jest/globals';
import type { PeerMessage } from '@ringback/core';
import { decodePeerMessage, encodePeerMessage } from './peer-codec.js';

const receipt = { kind: 'receipt', receiptId: 'id', delivered: 1, queued: 2, dropped: 0 } as const;

describe('what nodes tell each other', () => {
  it.each<PeerMessage>([{ kind: 'replaced', connectionId: 'c 🔔' }, receipt])('carries %j', (message) => {
    expect(decodePeerMessage(Buffer.from(encodePeerMessage(message)))).toEqual(message);
  });

  it('takes off what a node that knows of no trace contexts has left behind the id', () => {
    const text = JSON.stringify({ ...receipt, receiptId: 'id 00-trace-span-01 a=b c' });
    expect(decodePeerMessage(Buffer.from(text))).toEqual(receipt);
  });

  it.each([
    'garbage',
    '',
    'null',
    '7',
    '[]',
    '{}',
    JSON.stringify({ kind: 'replaced' }),
    JSON.stringify({ kind: 'another', connectionId: 'c' }),
    JSON.stringify({ ...receipt, receiptId: 1 }),
    JSON.stringify({ ...receipt, queued: -1 }),
    JSON.stringify({ ...receipt, dropped: 0.5 }),
    JSON.stringify({ ...receipt, delivered: '1' }),
  ])('does not read %j', (text) => {
    expect(decodePeerMessage(Buffer.from(text))).toBeUndefined();
  });
});
