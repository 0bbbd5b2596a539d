import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseEventGuid, type EventGuid, type Position } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { CountingMetrics, FakeClock, SilentLog } from '@ringback/memory';
import { ConnectedClient } from './connected-client.js';
import { FollowedEvent } from './followed-event.js';
import { LocalSubscription } from './local-subscription.js';
import { Flusher } from './flusher.js';
import { Outbox } from './outbox.js';
import { PreparedEnvelope } from './prepared-envelope.js';
import { RecentBudget } from './recent-envelopes.js';
import type { Missed, Relay, Relayed } from './ports/relay.port.js';
import { RecordingConnection } from './testing/recording-connection.js';

const eventguid: EventGuid = parseEventGuid('e');

function relayed(offset: number, { epoch = 'one', epochStart = 0, oneShot = false } = {}): Relayed {
  return { envelope: { eventguid, position: { epoch, offset }, data: '', time: 0, oneShot }, epochStart };
}

describe('FollowedEvent', () => {
  let history: Map<number, (missed: Missed | Error) => void>;
  let metrics: CountingMetrics;
  let ended: LocalSubscription[];
  let cut: number;
  let event: FollowedEvent;
  let connection: RecordingConnection;
  let clock: FakeClock;

  const make = (cookie: string): LocalSubscription => {
    const outbox = new Outbox(connection, 1_000_000, new Flusher(clock));
    const holder = new ConnectedClient(connection, { name: 'anyone' }, outbox);
    const subscription = new LocalSubscription(holder, eventguid, cookie, cookie, 0, {
      clock,
      onDelivered: () => undefined,
      onFailed: () => undefined,
      onEnded: () => undefined,
    });
    event.subscriptions.add(subscription);
    return subscription;
  };

  const place = (subscription: LocalSubscription, offset: number, epoch = 'one'): void => {
    subscription.storedAs('id', { epoch, offset });
    subscription.placeAt(epoch, offset);
    subscription.release();
  };

  const subscribe = (offset: number, cookie = 'c', epoch = 'one'): LocalSubscription => {
    const subscription = make(cookie);
    place(subscription, offset, epoch);
    return subscription;
  };

  const delivered = (): string[] => {
    clock.turn();
    return connection.frames;
  };

  /** Answers the read of the history that is waiting. */
  const answer = async (after: number, missed: Missed | Error): Promise<void> => {
    await waitFor(() => history.has(after));
    history.get(after)?.(missed);
    history.delete(after);
    await Promise.resolve();
  };

  beforeEach(() => {
    history = new Map();
    metrics = new CountingMetrics();
    clock = new FakeClock();
    ended = [];
    connection = new RecordingConnection('c');
    const since = (_: EventGuid, after: Position): Promise<Missed> =>
      new Promise((resolve, reject) => {
        history.set(after.offset, (missed) => (missed instanceof Error ? reject(missed) : resolve(missed)));
      });
    const onEnded = (subscription: LocalSubscription): void => {
      ended.push(subscription);
      event.subscriptions.delete(subscription);
    };
    cut = 0;
    const standings: Relay['standings'] = () =>
      Promise.resolve([{ position: { epoch: 'one', offset: 9 }, epochStart: 0, cut }]);
    const relay = { since, standings, history: () => Promise.resolve({ items: [] }) };
    const budget = new RecentBudget(1_000_000);
    const log = new SilentLog();
    const nothing = (): void => undefined;
    const told = { onEnded, onTallied: nothing, onTraced: nothing, onRepaired: nothing };
    event = new FollowedEvent(eventguid, { relay, metrics, clock, budget, log, ...told });
    event.interest = 1;
  });

  it('delivers what comes after the place of a subscription, each offset once', () => {
    event.notice({ epoch: 'one', offset: 4 });
    subscribe(5);
    for (const offset of [5, 6, 6, 5, 7]) event.receive(relayed(offset));
    expect(delivered()).toEqual(['6:→c', '7:→c']);
  });

  it('fills a gap from the history before it delivers on, in order', async () => {
    subscribe(1);
    event.receive(relayed(1));
    event.receive(relayed(4));
    event.receive(relayed(5));
    expect(delivered()).toEqual([]);

    await answer(1, [relayed(2), relayed(3), relayed(4)]);

    await waitFor(() => delivered().length === 4);
    expect(connection.frames).toEqual(['2:→c', '3:→c', '4:→c', '5:→c']);
    expect(metrics.count('gap', 'true')).toBe(1);
  });

  it('tells of a gap that cannot be filled with the next delivery, and only those who miss something', async () => {
    event.receive(relayed(1));
    subscribe(1, 'old');
    subscribe(3, 'new');
    event.receive(relayed(4));
    await answer(1, 'lost');

    await waitFor(() => delivered().length === 2);
    event.receive(relayed(5));
    expect(delivered()).toEqual(['4:!→old', '4:→new', '5:→old', '5:→new']);
    expect(metrics.count('gap', 'false')).toBe(1);
  });

  it('ends the subscriptions whose one-shot is among what is lost, and no other', async () => {
    event.receive(relayed(1));
    const before = subscribe(1, 'before');
    subscribe(4, 'after');
    cut = 3;
    event.receive(relayed(6));
    await answer(1, 'lost');
    await waitFor(() => delivered().length === 1);
    expect(connection.frames).toEqual(['6:!→after']);
    expect(ended).toEqual([before]);
  });

  it('ends no subscription that is being made while a one-shot is among what is lost', async () => {
    event.receive(relayed(1));
    const made = make('made');
    cut = 3;
    event.receive(relayed(6));
    await answer(1, 'lost');
    await waitFor(() => event.epoch === 'one' && metrics.count('gap', 'false') === 1);
    place(made, 5);
    await waitFor(() => delivered().length === 1);
    expect(connection.frames).toEqual(['6:→made']);
    expect(ended).toEqual([]);
  });

  it('asks a relay that is away again, and holds everything back meanwhile', async () => {
    event.receive(relayed(1));
    subscribe(1);
    event.receive(relayed(3));
    await answer(1, new Error('away'));
    await waitFor(() => {
      clock.advance(500);
      return history.has(1);
    });
    expect(delivered()).toEqual([]);
    await answer(1, [relayed(2), relayed(3)]);
    await waitFor(() => delivered().length === 2);
    expect(connection.frames).toEqual(['2:→c', '3:→c']);
  });

  it('takes a history that cannot be read for long for a loss', async () => {
    event.receive(relayed(1));
    subscribe(1);
    event.receive(relayed(3));
    await waitFor(() => {
      history.get(1)?.(new Error('away'));
      history.delete(1);
      clock.advance(500);
      return delivered().length === 1;
    });
    expect(connection.frames).toEqual(['3:!→c']);
  });

  describe('compared with where the relay says that it stands', () => {
    const standing = (offset: number, epoch = 'one', epochStart = 0) => ({
      position: { epoch, offset },
      epochStart,
      cut: 0,
    });

    it('reads the last envelopes of a burst when they were lost on the way', async () => {
      event.receive(relayed(1));
      subscribe(1);
      event.compare(standing(3));
      await answer(1, [relayed(2), relayed(3)]);
      await waitFor(() => delivered().length === 2);
      expect(connection.frames).toEqual(['2:→c', '3:→c']);
      event.receive(relayed(4));
      expect(delivered()).toHaveLength(3);
    });

    it('reads nothing where nothing is missing', () => {
      event.compare(standing(9));
      event.receive(relayed(1));
      event.compare(standing(1));
      expect(history.size).toBe(0);
      expect(metrics.count('gap')).toBe(0);
    });

    it('goes past what is lost, and says so with the next delivery', async () => {
      event.receive(relayed(1));
      subscribe(1);
      event.compare(standing(5));
      await answer(1, 'lost');
      await waitFor(() => metrics.count('gap', 'false') === 1);
      event.receive(relayed(6));
      event.receive(relayed(7));
      expect(delivered()).toEqual(['6:!→c', '7:→c']);
    });

    it('enters an epoch that opened without a loss and without an envelope', async () => {
      event.receive(relayed(4));
      subscribe(4);
      event.compare(standing(4, 'two', 4));
      await answer(4, []);
      await waitFor(() => {
        event.compare(standing(4, 'two', 4));
        return history.size === 0;
      });
      event.receive(relayed(5, { epoch: 'two', epochStart: 4 }));
      expect(delivered()).toEqual(['5:→c']);
      expect(metrics.count('gap')).toBe(0);
    });

    it('compares again after a gap that was being filled', async () => {
      event.receive(relayed(1));
      subscribe(1);
      event.receive(relayed(3));
      event.compare(standing(4));
      await answer(1, [relayed(2), relayed(3)]);
      await answer(3, [relayed(4)]);
      await waitFor(() => delivered().length === 3);
      expect(connection.frames).toEqual(['2:→c', '3:→c', '4:→c']);
    });
  });

  it('goes on in a new epoch without a gap where nothing was lost', () => {
    event.receive(relayed(7));
    subscribe(7);
    event.receive(relayed(8, { epoch: 'two', epochStart: 7 }));
    expect(delivered()).toEqual(['8:→c']);
  });

  it('counts places of a closed epoch no further than where the new one starts, and tells of the rewind', async () => {
    event.receive(relayed(9));
    subscribe(9);
    event.receive(relayed(6, { epoch: 'two', epochStart: 5 }));
    await answer(9, 'lost');
    event.receive(relayed(7, { epoch: 'two', epochStart: 5 }));
    await waitFor(() => delivered().length === 2);
    expect(connection.frames).toEqual(['6:!→c', '7:→c']);
  });

  it('brings nothing twice to who was served from a new epoch before this node entered it', () => {
    event.receive(relayed(7));
    const returned = make('returned');
    returned.storedAs('id', { epoch: 'one', offset: 7 });
    returned.placeAt('one', 7, 'two');
    returned.release(
      [8, 9].map((offset) => new PreparedEnvelope(relayed(offset, { epoch: 'two' }).envelope)),
    );
    const fresh = make('fresh');
    fresh.storedAs('id', { epoch: 'two', offset: 9 });
    fresh.placeAt('one', 9, 'two');
    fresh.release();
    clock.turn();
    expect(delivered()).toEqual(['8:→returned', '9:→returned']);

    for (const offset of [8, 9, 10]) event.receive(relayed(offset, { epoch: 'two', epochStart: 7 }));
    expect(delivered()).toEqual(['8:→returned', '9:→returned', '10:→returned', '10:→fresh']);
  });

  it('drops a straggler of an epoch that is over, without reading again and again', async () => {
    event.receive(relayed(9, { epoch: 'two', epochStart: 8 }));
    subscribe(9, 'c', 'two');
    event.receive(relayed(8));
    await answer(9, []);
    event.receive(relayed(10, { epoch: 'two', epochStart: 8 }));
    await waitFor(() => delivered().length > 0);
    expect(connection.frames.at(-1)).toBe('10:→c');
    expect(history.size).toBe(0);
  });

  it('ends with a one-shot the subscriptions that were made before it', () => {
    const before = subscribe(1);
    event.receive(relayed(1));
    subscribe(2, 'later');
    event.receive(relayed(2, { oneShot: true }));
    event.receive(relayed(3));
    expect(ended).toEqual([before]);
    expect(delivered()).toEqual(['2:→c', '3:→later']);
  });

  it('says whether everything after a position reaches it', () => {
    expect(event.notice({ epoch: 'one', offset: 3 })).toBe(true);
    expect(event.notice({ epoch: 'one', offset: 4 })).toBe(true);
    event.forget();
    event.receive(relayed(9));
    expect(event.notice({ epoch: 'one', offset: 7 })).toBe(false);
    expect(event.notice({ epoch: 'one', offset: 8 })).toBe(true);
  });

  it('delivers to the others when one codec fails', () => {
    event.receive(relayed(1));
    const failing = new RecordingConnection('broken', {
      name: 'broken',
      encodeCookie: (cookie) => cookie,
      prepare: () => {
        throw new Error('cannot encode');
      },
    });
    const well = connection;
    connection = failing;
    subscribe(1);
    connection = well;
    subscribe(1);
    event.receive(relayed(2));
    expect(delivered()).toEqual(['2:→c']);
  });

  it('serves nothing that it saw in an epoch that is lost to who begins in the next one', async () => {
    event.receive(relayed(3));
    const position = { epoch: 'two', offset: 1 };
    expect(event.notice(position)).toBe(false);
    const missed = event.missedSince(position, position.epoch);
    await answer(1, []);
    expect(await missed).toEqual([]);
  });
});
