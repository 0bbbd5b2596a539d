import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError, parseEventGuid, type EventGuid, type Position } from '@ringback/contract';
import { FakeClock, RecordingLog, SystemClock } from '@ringback/memory';
import { waitFor } from '@ringback/conformance';
import { Acknowledgements } from './acknowledgements.js';
import { ConnectedClient, isNamedClient, type NamedClient } from './connected-client.js';
import { NamedSession } from './named-session.js';
import { Flusher } from './flusher.js';
import { Outbox } from './outbox.js';
import type { HeldSession } from './ports/session-store.port.js';
import { RecordingConnection } from './testing/recording-connection.js';
import { deferred } from './testing/replaced.js';

const first = parseEventGuid('first');
const second = parseEventGuid('second');
const at = (offset: number, epoch = 'one'): Position => ({ epoch, offset });

describe('Acknowledgements', () => {
  let clock: FakeClock;
  let log: RecordingLog;
  /** What was stored, one map a call. */
  let stored: Map<EventGuid, Position>[];
  let settled: [EventGuid, number][];
  let refused: NamedClient[];
  let answer: () => Promise<boolean>;
  let acknowledgements: Acknowledgements;
  let client: NamedClient;

  const makeClient = (): NamedClient => {
    const connection = new RecordingConnection('c');
    const session = new NamedSession('n:x/s', 'on-connect');
    session.generation = 1;
    const outbox = new Outbox(connection, 1_000_000, new Flusher(new SystemClock()));
    const made = new ConnectedClient(connection, { name: 'x' }, outbox, session);
    if (!isNamedClient(made)) throw new Error('not named');
    return made;
  };

  /** Lets so much time pass, and everything happen that falls due. */
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let turn = 0; turn < 3; turn++) await new Promise<void>((resume) => void setImmediate(resume));
  };

  beforeEach(() => {
    clock = new FakeClock();
    log = new RecordingLog();
    stored = [];
    settled = [];
    refused = [];
    answer = () => Promise.resolve(true);
    const acknowledge = (_: HeldSession, positions: ReadonlyMap<EventGuid, Position>): Promise<boolean> => {
      stored.push(new Map(positions));
      return answer();
    };
    const settle = (eventguid: EventGuid, _: string, { offset }: Position): Promise<number> => {
      settled.push([eventguid, offset]);
      return Promise.resolve(offset);
    };
    const onRefused = (one: NamedClient): Promise<void> => {
      refused.push(one);
      return Promise.resolve();
    };
    const ports = { clock, log, sessions: { acknowledge }, subscriptions: { settle } };
    acknowledgements = new Acknowledgements(ports, onRefused);
    client = makeClient();
  });

  it('stores the first at once, and the newest position of each event once within the next 250 ms', async () => {
    acknowledgements.note(client, first, at(1));
    await pass(0);
    expect(stored).toEqual([new Map([[first, at(1)]])]);
    for (const offset of [2, 5, 3]) acknowledgements.note(client, first, at(offset));
    acknowledgements.note(client, second, at(1));
    await pass(249);
    expect(stored).toHaveLength(1);
    await pass(1);
    const newest = new Map([
      [first, at(5)],
      [second, at(1)],
    ]);
    expect(stored.slice(1)).toEqual([newest]);
    await pass(10_000);
    expect(stored).toHaveLength(2);
  });

  it('keeps what is noted while a batch is on its way, though the connection ends meanwhile', async () => {
    let store: (stored: boolean) => void = () => undefined;
    answer = () => new Promise((resolve) => (store = resolve));
    client.session.resumed.add(first);
    acknowledgements.note(client, first, at(1));
    await pass(0);
    acknowledgements.note(client, first, at(2));
    client.connected = false;
    client.subscriptions.clear();
    answer = () => Promise.resolve(true);
    const flushed = acknowledgements.flush(client);
    store(true);
    await flushed;
    expect(stored.at(-1)).toEqual(new Map([[first, at(2)]]));
  });

  it('takes a position of another epoch for a newer one', async () => {
    acknowledgements.note(client, first, at(9, 'one'));
    acknowledgements.note(client, first, at(2, 'two'));
    await pass(250);
    expect(stored).toEqual([new Map([[first, at(2, 'two')]])]);
  });

  it('keeps what could not be stored, with what came since, and tries again', async () => {
    answer = () => Promise.reject(new HubError('relay-unavailable'));
    acknowledgements.note(client, first, at(1));
    acknowledgements.note(client, second, at(1));
    await pass(250);
    acknowledgements.note(client, first, at(2));
    await pass(250);
    answer = () => Promise.resolve(true);
    await pass(250);
    const both = new Map([
      [first, at(2)],
      [second, at(1)],
    ]);
    expect(stored.slice(1)).toEqual([both, both]);
    expect(client.session.acknowledged).toEqual(both);
    expect(log.at('warn')).toHaveLength(2);
    await pass(10_000);
    expect(stored).toHaveLength(3);
  });

  it('asks a slow store for one thing at a time', async () => {
    const slow = deferred<boolean>();
    answer = () => slow.promise;
    acknowledgements.note(client, first, at(1));
    await pass(250);
    for (let offset = 2; offset < 10; offset++) {
      acknowledgements.note(client, first, at(offset));
      await pass(250);
    }
    expect(stored).toEqual([new Map([[first, at(1)]])]);
    answer = () => Promise.resolve(true);
    slow.resolve(true);
    await pass(0);
    await pass(250);
    expect(stored.slice(1)).toEqual([new Map([[first, at(9)]])]);
  });

  it('does not ask a store that failed again at once, however much came meanwhile', async () => {
    const slow = deferred<boolean>();
    answer = () => slow.promise;
    acknowledgements.note(client, first, at(1));
    await pass(250);
    for (let offset = 2; offset < 10; offset++) {
      acknowledgements.note(client, first, at(offset));
      await pass(250);
    }
    answer = () => Promise.reject(new HubError('relay-unavailable'));
    slow.resolve(true);
    await pass(0);
    expect(stored).toHaveLength(1);
    await pass(250);
    expect(stored).toHaveLength(2);
  });

  it('stores at the end of a connection also what is on its way and fails', async () => {
    let fail: (error: Error) => void = () => undefined;
    answer = () => new Promise((_, reject) => (fail = reject));
    acknowledgements.note(client, first, at(1));
    await pass(250);
    client.connected = false;
    const flushing = acknowledgements.flush(client);
    answer = () => Promise.resolve(true);
    fail(new HubError('relay-unavailable'));
    await flushing;
    expect(stored).toEqual([new Map([[first, at(1)]]), new Map([[first, at(1)]])]);
  });

  it('does not hold up one client because another cannot be stored', async () => {
    const other = makeClient();
    let calls = 0;
    answer = () =>
      calls++ === 0 ? Promise.reject(new HubError('relay-unavailable')) : Promise.resolve(true);
    acknowledgements.note(client, first, at(1));
    acknowledgements.note(other, first, at(2));
    await pass(250);
    expect(other.session.acknowledged.get(first)).toEqual(at(2));
    await waitFor(() => client.session.noted.size === 1);
    await pass(250);
    expect(client.session.acknowledged.get(first)).toEqual(at(1));
  });

  it('says so when the store refuses, and keeps nothing to try again', async () => {
    answer = () => Promise.resolve(false);
    acknowledgements.note(client, first, at(1));
    await pass(250);
    expect(refused).toEqual([client]);
    await pass(10_000);
    expect(stored).toHaveLength(1);
    // It is what the session is made again with, should it have been lost.
    expect(client.session.acknowledged.get(first)).toEqual(at(1));
  });

  describe('settles', () => {
    it('the cuts up to the position, and no later one', async () => {
      client.session.resumed.add(first);
      for (const offset of [2, 4, 6]) client.session.noteCut(first, offset);
      acknowledgements.note(client, first, at(5));
      await pass(250);
      expect(settled).toEqual([[first, 5]]);
      expect(client.session.hasCuts(first)).toBe(true);
      acknowledgements.note(client, first, at(6));
      await pass(250);
      expect(settled.at(-1)).toEqual([first, 6]);
    });

    it('nothing where nothing was cut', async () => {
      client.session.resumed.add(first);
      acknowledgements.note(client, first, at(5));
      await pass(250);
      expect(settled).toEqual([]);
    });

    it('what only the store knows of an event that was not taken up here', async () => {
      client.session.events.add(first);
      acknowledgements.note(client, first, at(5));
      await pass(250);
      expect(settled).toEqual([[first, 5]]);
    });

    it('and forgets an event of which nothing is left, but not one that is still to be resumed', async () => {
      for (const eventguid of [first, second]) client.session.events.add(eventguid);
      client.session.resumed.add(first);
      client.session.noteCut(first, 3);
      acknowledgements.note(client, first, at(3));
      acknowledgements.note(client, second, at(7));
      await pass(250);
      const { acknowledged, resumed, events } = client.session;
      expect([...acknowledged]).toEqual([[second, at(7)]]);
      expect([...resumed]).toEqual([]);
      expect([...events]).toEqual([second]);
    });
  });
});
