import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError, type Receipt } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FakeClock, RecordingLog } from '@ringback/memory';
import { Flusher } from './flusher.js';
import { Outbox } from './outbox.js';
import type { PeerMessage } from './ports/peers.port.js';
import type { ReceiptRequest } from './ports/relay.port.js';
import { Receipts } from './receipts.js';
import { RecordingConnection } from './testing/recording-connection.js';

const WAIT_MS = 1_000;

describe('Receipts', () => {
  let clock: FakeClock;
  let log: RecordingLog;
  let told: [string, PeerMessage][];
  let receipts: Receipts;

  const report = (request: ReceiptRequest, delivered: number, queued = 0, dropped = 0): void =>
    receipts.hear({ kind: 'receipt', receiptId: request.receiptId, delivered, queued, dropped });

  /** What has come of it by now; `undefined` while it waits. */
  const collected = async (collecting: Promise<Receipt>): Promise<Receipt | undefined> => {
    const later = new Promise<undefined>((resolve) => void setImmediate(() => resolve(undefined)));
    return Promise.race([collecting, later]);
  };

  beforeEach(() => {
    clock = new FakeClock();
    log = new RecordingLog();
    told = [];
    const tell = (nodeId: string, message: PeerMessage): Promise<void> => {
      told.push([nodeId, message]);
      return Promise.resolve();
    };
    receipts = new Receipts({ clock, log, peers: { tell, hear: () => Promise.resolve() } }, 'here');
  });

  it('add up what every node says, and are complete when the last has said it', async () => {
    const request = receipts.ask();
    report(request, 2, 1); // before the trigger is answered
    const collecting = receipts.collect(request, 2, WAIT_MS);
    expect(await collected(collecting)).toBeUndefined();
    report(request, 3, 0, 1);
    expect(await collecting).toEqual({ delivered: 5, queued: 1, dropped: 1, complete: true });
  });

  it('are complete at once where no node was reached, or all have said it already', async () => {
    const nobody = receipts.ask();
    expect(await receipts.collect(nobody, 0, WAIT_MS)).toEqual({
      delivered: 0,
      queued: 0,
      dropped: 0,
      complete: true,
    });
    const early = receipts.ask();
    report(early, 1);
    expect(await receipts.collect(early, 1, WAIT_MS)).toMatchObject({ delivered: 1, complete: true });
  });

  it('are not complete when a node says nothing in time; what it says later is dropped', async () => {
    const request = receipts.ask();
    const collecting = receipts.collect(request, 2, WAIT_MS);
    report(request, 1);
    clock.advance(WAIT_MS - 1);
    expect(await collected(collecting)).toBeUndefined();
    clock.advance(1);
    expect(await collecting).toEqual({ delivered: 1, queued: 0, dropped: 0, complete: false });
    report(request, 1);
    expect(await receipts.collect(request, 1, WAIT_MS)).toMatchObject({ delivered: 0, complete: false });
  });

  it('keep nothing of those that are over', async () => {
    for (let index = 0; index < 10; index++) {
      const answered = receipts.ask();
      report(answered, 1);
      await receipts.collect(answered, 1, WAIT_MS);
      receipts.abandon(receipts.ask());
    }
    expect(receipts.size).toBe(0);
    clock.advance(WAIT_MS);
  });

  it('are reported to who asked, on this node or another, once the outboxes have handed over', () => {
    const flusher = new Flusher(clock);
    const connections = [new RecordingConnection('one'), new RecordingConnection('two')];
    const outboxes = connections.map((connection) => new Outbox(connection, 1_000, flusher));
    connections[1]!.bufferedBytes = 2_000;
    for (const outbox of outboxes) outbox.push('frame');
    flusher.after(() => receipts.report({ nodeId: 'there', receiptId: '7' }, { outboxes, held: 3 }));
    expect(told).toEqual([]);
    clock.turn();
    expect(told).toEqual([]); // a transport may write later in this turn
    clock.turn();
    expect(told).toEqual([
      ['there', { kind: 'receipt', receiptId: '7', delivered: 1, queued: 3, dropped: 1 }],
    ]);
    expect(connections.map(({ closedWith }) => closedWith)).toEqual([undefined, 'slow-consumer']);
  });

  it('log what could not be reported', async () => {
    const tell = () => Promise.reject(new HubError('relay-unavailable'));
    receipts = new Receipts({ clock, log, peers: { tell, hear: () => Promise.resolve() } }, 'here');
    receipts.report({ nodeId: 'there', receiptId: '7' }, { outboxes: [], held: 0 });
    await waitFor(() => log.at('warn').length === 1);
  });
});
