import { describe, expect, it } from '@jest/globals';
import type { Section } from '../document.js';
import { applyRenames } from './apply-renames.js';
import { showDifferences } from './differences.js';
import { leaveOut } from './leave-out.js';
import { readRenameList, type Rename } from './rename-list.js';

const BEFORE: Section = {
  settings: { hub: { DRAIN_MS: { default: '1' }, DRAIN_MS_LONG: { default: '2' } } },
  errorCodes: { 'session-gone': { temporary: false } },
  closeReasons: { removed: { code: 4501 } },
  metrics: {
    hub_bridged_total: { labels: { outcome: ['cut', 'passed'] } },
    hub_cuts: { labels: { kind: ['cut'] } },
  },
  logMessages: {
    'nodes not told': { levels: ['warn'], fields: ['error'] },
    'removal owed': { levels: ['warn'], fields: ['error', 'askedBy'] },
  },
  bytes: {
    poll: { status: 404, body: '{"title":"Session gone","code":"session-gone"}' },
    close: { received: ['42["HubClose",{"code":4501,"name":"removed"}]'] },
    unsubscribe: { received: ['430[{"ok":true,"removed":true}]'] },
  },
};

const renamed = (...renames: Rename[]): Section => applyRenames(BEFORE, renames).section;

describe('applyRenames', () => {
  it('renames whole words in keys and texts', () => {
    const { settings } = renamed({ kind: 'setting', from: 'DRAIN_MS', to: 'RINGBACK_DRAIN_MS' });
    expect(settings).toEqual({
      hub: { RINGBACK_DRAIN_MS: { default: '1' }, DRAIN_MS_LONG: { default: '2' } },
    });
  });

  it('renames an error code in JSON texts, with its title', () => {
    const after = renamed({ kind: 'error-code', from: 'session-gone', to: 'transport-session-not-found' });
    expect(after['errorCodes']).toEqual({ 'transport-session-not-found': { temporary: false } });
    expect((after['bytes'] as Section)['poll']).toEqual({
      status: 404,
      body: '{"title":"Transport session not found","code":"transport-session-not-found"}',
    });
  });

  it('renames an everyday word only where it is a value', () => {
    const after = renamed({ kind: 'close-reason', from: 'removed', to: 'closed-by-operator' });
    expect(after['closeReasons']).toEqual({ 'closed-by-operator': { code: 4501 } });
    expect(after['bytes']).toMatchObject({
      close: { received: ['42["HubClose",{"code":4501,"name":"closed-by-operator"}]'] },
      unsubscribe: { received: ['430[{"ok":true,"removed":true}]'] },
    });
  });

  it('renames only where the rename says', () => {
    const place = 'metrics.hub_bridged_total.labels.outcome';
    const after = renamed({ kind: 'metric-label-value', from: 'cut', to: 'loop', in: place });
    expect(after['metrics']).toEqual({
      hub_bridged_total: { labels: { outcome: ['loop', 'passed'] } },
      hub_cuts: { labels: { kind: ['cut'] } },
    });
  });

  it('makes one of two names that become one', () => {
    const to = 'peer message failed';
    const after = renamed(
      { kind: 'log-message', from: 'nodes not told', to },
      { kind: 'log-message', from: 'removal owed', to },
      { kind: 'log-field', from: 'askedBy', to: 'requestingNodeId' },
    );
    expect(after['logMessages']).toEqual({
      [to]: { levels: ['warn'], fields: ['error', 'requestingNodeId'] },
    });
  });

  it('exchanges two names', () => {
    const { section } = applyRenames({ metrics: { a: 1, b: 2 } }, [
      { kind: 'metric', from: 'a', to: 'b' },
      { kind: 'metric', from: 'b', to: 'a' },
    ]);
    expect(section).toEqual({ metrics: { b: 1, a: 2 } });
  });

  it('tells which renames have found nothing', () => {
    const unused: Rename = { kind: 'setting', from: 'DRAIN', to: 'RINGBACK_DRAIN' };
    const used: Rename = { kind: 'setting', from: 'DRAIN_MS', to: 'RINGBACK_DRAIN_MS' };
    expect(applyRenames(BEFORE, [unused, used]).unused).toEqual([unused]);
  });
});

describe('leaveOut', () => {
  it('leaves out keys and texts in lists, and tells which exceptions name nothing', () => {
    const used = { path: 'metrics.*.labels.**.cut', why: 'gone' };
    const unused = { path: 'metrics.nothing', why: 'never there' };
    const { section, unused: found } = leaveOut({ ...BEFORE }, [used, unused, { path: 'bytes', why: 'all' }]);
    expect(section['bytes']).toBeUndefined();
    expect(section['metrics']).toEqual({
      hub_bridged_total: { labels: { outcome: ['passed'] } },
      hub_cuts: { labels: { kind: [] } },
    });
    expect(found).toEqual([unused]);
  });
});

describe('showDifferences', () => {
  it('says nothing of equal recordings, whatever the order', () => {
    expect(showDifferences({ a: ['x', 'y'], b: 1, empty: {} }, { b: 1, a: ['y', 'x'] })).toBe('');
  });

  it('says what stands at each place, of lists only what is not in both', () => {
    const text = showDifferences({ a: { b: 1 }, list: ['x', 'y'] }, { a: { c: 2 }, list: ['y', 'z'] });
    expect(text.split('\n')).toEqual([
      'a.b',
      '  before: 1',
      '  after:  nothing',
      'a.c',
      '  before: nothing',
      '  after:  2',
      'list',
      '  before: ["x"]',
      '  after:  ["z"]',
    ]);
  });
});

describe('readRenameList', () => {
  it('refuses kinds that it does not know, and exceptions without a reason', () => {
    const list = { renames: [], added: [], removed: [] };
    const wrongKind = { ...list, renames: [{ kind: 'pigeon', from: 'a', to: 'b' }] };
    expect(() => readRenameList(JSON.stringify(wrongKind))).toThrow('pigeon');
    expect(() => readRenameList(JSON.stringify({ ...list, added: [{ path: 'a' }] }))).toThrow(
      'without a reason',
    );
  });
});
