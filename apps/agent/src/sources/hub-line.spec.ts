import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import type { Claims } from '@ringback/core';
import { MemoryCluster, RecordingLog, SystemClock } from '@ringback/memory';
import { AgentMetrics } from '../agent-metrics.js';
import type { HubConfig } from '../configuration/hub-config.js';
import { FakeHub } from '../testing/fake-source.js';
import { QUEUE_OPTIONS } from '../testing/ticket-samples.js';
import { MemoryTicketQueue } from '../tickets/memory-ticket-queue.js';
import { HubLine } from './hub-line.js';
import { MemorySubscriptionBook } from './memory-subscription-book.js';
import { SubscriptionDesk } from './subscription-desk.js';
import { TicketIntake } from './ticket-intake.js';

const LEASE_MS = 600;
const COOKIE = 'Viewmodel=Alarm&RootId=7';
const wish = (eventguid: string, cookie = COOKIE, once = false) => ({
  eventguid,
  cookie,
  once,
  keepReceiptMinutes: 10,
});

describe('HubLine', () => {
  let hub: FakeHub;
  let queue: MemoryTicketQueue;
  let book: MemorySubscriptionBook;
  let claims: Claims;
  let lines: HubLine[];

  beforeEach(() => {
    [hub, book, lines] = [new FakeHub(), new MemorySubscriptionBook(), []];
    queue = new MemoryTicketQueue(QUEUE_OPTIONS, new SystemClock());
    claims = new MemoryCluster().node().claims;
  });

  afterEach(async () => {
    await Promise.all(lines.map((line) => line.stop()));
  });

  function startLine(subscriptions: HubConfig['subscriptions'] = [], agentId = 'one'): HubLine {
    const config = {
      name: 'main',
      kind: 'ringback',
      url: 'http://h',
      subscriberId: 'a',
      subscriptions,
    } as const;
    const [metrics, log] = [new AgentMetrics(), new RecordingLog()];
    const intake = new TicketIntake(queue, book, metrics);
    const line = new HubLine(config, {
      agentId,
      claims,
      leaseMs: LEASE_MS,
      book,
      intake,
      openSource: hub.open,
      metrics,
      log,
    });
    lines.push(line);
    line.start();
    return line;
  }

  const deskOf = (line: HubLine, most = 10): SubscriptionDesk => new SubscriptionDesk([line], book, most);
  const holds = (...eventguids: string[]): Promise<boolean> =>
    waitFor(() => [...hub.held.keys()].toSorted().join() === eventguids.join(), `${eventguids.join()} held`);
  const tickets = async (): Promise<readonly unknown[]> => (await queue.list({ limit: 100 })).items;

  it('subscribes to what the configuration wants, with its cookies', async () => {
    startLine([wish('a'), wish('b', 'Viewmodel=Other&RootId=1')]);
    await holds('a', 'b');
    expect(hub.held.get('b')).toBe('Viewmodel=Other&RootId=1');
  });

  it('ends what an earlier configuration wanted, and leaves what operators want', async () => {
    const before = startLine([wish('a'), wish('b')]);
    await deskOf(before).put('main', wish('c'));
    await holds('a', 'b', 'c');
    await before.stop();
    startLine([wish('b')]);
    await holds('b', 'c');
    await waitFor(async () => (await book.list('main')).length === 2);
  });

  it('makes a ticket of a delivery before the delivery counts as taken', async () => {
    startLine([wish('a')]);
    await holds('a');
    await hub.deliver('a', { data: 'x', position: 'e:1' });
    expect(await tickets()).toMatchObject([
      { viewModel: 'Alarm', rootId: '7', data: 'x', origin: { hub: 'main', eventguid: 'a', cookie: COOKIE } },
    ]);
    await hub.deliver('a', { data: 'x', position: 'e:1' });
    expect(await tickets()).toHaveLength(1);
  });

  it('does not take a delivery whose ticket cannot be stored', async () => {
    queue = new MemoryTicketQueue({ ...QUEUE_OPTIONS, mostTickets: 0 }, new SystemClock());
    startLine([wish('a')]);
    await holds('a');
    await expect(hub.deliver('a')).rejects.toMatchObject({ code: 'too-many-commands' });
  });

  it('makes a ticket with a flaw of a cookie that cannot be read', async () => {
    startLine([wish('a', 'nonsense')]);
    await holds('a');
    await hub.deliver('a');
    expect(await tickets()).toMatchObject([{ viewModel: '', flaw: 'The cookie names no ViewModel.' }]);
  });

  it('makes no ticket of what nobody wants any more', async () => {
    startLine();
    await waitFor(() => hub.isConnected);
    await hub.deliver('stranger');
    expect(await tickets()).toHaveLength(0);
  });

  it('subscribes again to what the configuration wants after a one-shot, and ends what an operator wanted', async () => {
    const line = startLine([wish('a')]);
    await deskOf(line).put('main', wish('b'));
    await holds('a', 'b');
    await hub.deliver('a', { ended: true });
    await hub.deliver('b', { ended: true });
    await waitFor(async () => (await book.list('main')).length === 1, 'the entry to go');
    await holds('a');
    expect(await tickets()).toHaveLength(2);
  });

  it('subscribes again after a one-shot that comes when nothing else has changed for long', async () => {
    startLine([wish('a')]);
    await holds('a');
    let looks = 0;
    const { revision } = book;
    book.revision = () => {
      looks++;
      return revision.call(book);
    };
    await waitFor(() => looks > 2, 'looks');
    await hub.deliver('a', { ended: true });
    expect(hub.held.size).toBe(0);
    await holds('a');
  });

  it('ends a subscription with its first ticket where that is wanted', async () => {
    const line = startLine();
    await deskOf(line).put('main', wish('a', COOKIE, true));
    await hub.deliver('a');
    await hub.deliver('a');
    await holds();
    expect(await tickets()).toHaveLength(1);
    expect(await book.list('main')).toEqual([]);
  });

  it('comes back, and subscribes again, when the hub does not want it any more', async () => {
    startLine([wish('a')]);
    await holds('a');
    hub.held.clear();
    hub.end('session-taken-over');
    await waitFor(() => hub.opened === 2, 'the return');
    await holds('a');
  });

  it('goes on trying while the hub cannot be reached or fails for a moment', async () => {
    hub.refusal = new HubError('timeout');
    const line = startLine([wish('a')]);
    await waitFor(() => line.state === 'standing-by');
    hub.refusal = undefined;
    await holds('a');
    hub.refusal = new HubError('relay-unavailable');
    const put = deskOf(line).put('main', wish('b'));
    await waitFor(async () => (await book.get('main', 'b'))?.state === 'pending');
    hub.refusal = undefined;
    line.wake();
    expect(await put).toMatchObject({ state: 'active' });
  });

  it('keeps its connection while the store is away for a moment', async () => {
    startLine([wish('a')]);
    await holds('a');
    let failures = 0;
    const { revision } = book;
    book.revision = async () => {
      failures++;
      throw new HubError('relay-unavailable');
    };
    await waitFor(() => failures === 2, 'two failures');
    book.revision = revision;
    const desk = deskOf(lines[0]!);
    expect(await desk.put('main', wish('b'))).toMatchObject({ state: 'active' });
    expect(hub.opened).toBe(1);
  });

  it('tells an operator what the hub refuses', async () => {
    const line = startLine();
    await waitFor(() => hub.isConnected);
    hub.refusal = new HubError('forbidden');
    await expect(deskOf(line).put('main', wish('a'))).rejects.toMatchObject({ code: 'forbidden' });
    expect(await book.get('main', 'a')).toMatchObject({ state: 'refused', error: 'forbidden' });
    hub.refusal = undefined;
    expect(await deskOf(line).put('main', wish('a'))).toMatchObject({ state: 'active' });
  });

  it('lets operators change and end only what is theirs, at hubs there are, within a number', async () => {
    const line = startLine([wish('a')]);
    await holds('a');
    const desk = deskOf(line, 2);
    await expect(desk.put('main', wish('a'))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(desk.remove('main', 'a')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(desk.remove('main', 'x')).rejects.toMatchObject({ code: 'not-found' });
    await expect(desk.put('other', wish('a'))).rejects.toMatchObject({ code: 'not-found' });
    await desk.put('main', wish('b'));
    await desk.put('main', wish('b', 'Viewmodel=New&RootId=1'));
    expect(hub.held.get('b')).toBe('Viewmodel=New&RootId=1');
    await expect(desk.put('main', wish('c'))).rejects.toMatchObject({ code: 'too-many-subscriptions' });
    expect(await desk.remove('main', 'b')).toBe(true);
    await holds('a');
  });

  it('stands by while another agent has the hub, and takes over when that stops', async () => {
    const one = startLine([wish('a')], 'one');
    await holds('a');
    const other = startLine([wish('a')], 'other');
    await deskOf(other).put('main', wish('b'));
    await holds('a', 'b');
    expect([one.state, other.state, hub.opened]).toEqual(['connected', 'standing-by', 1]);
    await one.stop();
    await waitFor(() => other.state === 'connected', 'the other');
    expect(hub.opened).toBe(2);
  });

  it('gives its hub up when another agent has it after all, and is back when that is over', async () => {
    startLine([wish('a')]);
    await holds('a');
    await claims.release('agent:main', 'one');
    expect(await claims.claim('agent:main', 'other', 2 * LEASE_MS)).toBe(true);
    await waitFor(() => !hub.isConnected, 'the loss');
    await waitFor(() => hub.opened === 2, 'the return');
  });

  it('gives its hub up before others may have it when its claim cannot be renewed', async () => {
    const line = startLine([wish('a')]);
    await holds('a');
    const { claim } = claims;
    claims.claim = async () => {
      throw new HubError('relay-unavailable');
    };
    await waitFor(() => !hub.isConnected, 'the loss');
    claims.claim = claim;
    await waitFor(() => line.state === 'connected', 'the return');
    expect(hub.opened).toBe(2);
  });
});
