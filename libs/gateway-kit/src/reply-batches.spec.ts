import { beforeEach, describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { ReplyBatches } from './reply-batches.js';

describe('ReplyBatches', () => {
  let writes: string[];
  let client: { readonly carrier: Writable };
  let carrier: Writable;
  let replies: ReplyBatches;

  beforeEach(() => {
    writes = [];
    replies = new ReplyBatches();
    carrier = new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => (writes.push(String(chunk)), done()),
      writev: (chunks, done) => (writes.push(chunks.map(({ chunk }) => String(chunk)).join('')), done()),
    });
    client = { carrier };
  });

  const reply = (text: string): void => {
    replies.hold(client);
    carrier.write(text);
  };
  const promisesSettled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

  it('writes the replies of promises that settle together at once, in order', async () => {
    await Promise.resolve();
    reply('a');
    queueMicrotask(() => reply('b'));
    expect(writes).toEqual([]);
    await promisesSettled();
    expect(writes).toEqual(['ab']);
    reply('c');
    await promisesSettled();
    expect(writes).toEqual(['ab', 'c']);
  });

  it('writes what waits before what is no reply, and does not hold that', async () => {
    reply('a');
    reply('b');
    replies.release(client);
    carrier.write('delivery');
    expect(writes).toEqual(['ab', 'delivery']);
    reply('c');
    await promisesSettled();
    expect(writes).toEqual(['ab', 'delivery', 'c']);
  });

  it('holds nothing where replies go out otherwise', () => {
    replies.hold({ carrier: undefined });
    carrier.write('a');
    expect(writes).toEqual(['a']);
  });

  it('leaves alone what ends in between', async () => {
    reply('a');
    carrier.end('b');
    await promisesSettled();
    expect(writes.join('')).toBe('ab');
    expect(carrier.writableCorked).toBe(0);
  });
});
