import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { ClusterInterest } from './cluster-interest.js';

const MOST = 3;

describe('ClusterInterest', () => {
  const log = new RecordingLog();
  const wanted = new Set<string>();
  const interest = new ClusterInterest(
    { most: MOST, lingerMs: 5, log, bridge: 'b' },
    { onWanted: (eventguid) => wanted.add(eventguid), onUnwanted: (eventguid) => wanted.delete(eventguid) },
  );
  const all = (nodeId: string, ...eventguids: string[]): void =>
    interest.hear(nodeId, { kind: 'all', eventguids });

  afterEach(() => {
    interest.clear();
    wanted.clear();
    log.lines.length = 0;
  });

  it('takes as many as it may from one node, as often as they are told, and says nothing', () => {
    all('n', 'a', 'b', 'c');
    all('n', 'a', 'b', 'c');
    expect([...wanted]).toEqual(['a', 'b', 'c']);
    expect(log.lines).toEqual([]);
  });

  it('makes room for what comes with what goes', async () => {
    all('n', 'a', 'b', 'c');
    all('n', 'd', 'e', 'f');
    await waitFor(() => !wanted.has('a'), 'the end');
    await waitFor(() => wanted.has('f'), 'what was left out');
    expect([...wanted].toSorted((one, other) => one.localeCompare(other))).toEqual(['d', 'e', 'f']);
  });
});
