import { describe, expect, it } from '@jest/globals';
import { describeAccessPolicy } from '@ringback/conformance';
import { EVENT_ACTIONS, OPERATOR_ACTIONS } from '@ringback/core';
import { CountingMetrics } from './counting-metrics.js';
import { OpenAccess } from './open-access.js';
import { RecordingLog } from './recording-log.js';

const EVERYTHING = [...EVENT_ACTIONS, ...OPERATOR_ACTIONS];

describeAccessPolicy('OpenAccess', {
  policy: new OpenAccess(),
  known: [
    { credentials: {}, name: 'anonymous', may: EVERYTHING },
    { credentials: { token: 'any' }, name: 'anonymous', may: EVERYTHING },
  ],
  unknown: [],
});

describe('RecordingLog', () => {
  it('keeps lines in order, with their level and fields', () => {
    const log = new RecordingLog();
    log.debug('one', { offset: 1 });
    log.info('two');
    log.warn('three');
    log.error('four', { error: 'cause' });
    expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
      ['debug', 'one'],
      ['info', 'two'],
      ['warn', 'three'],
      ['error', 'four'],
    ]);
    expect(log.at('error')).toEqual([{ level: 'error', message: 'four', fields: { error: 'cause' } }]);
    expect(log.at('info')).toEqual([{ level: 'info', message: 'two', fields: {} }]);
  });
});

describe('CountingMetrics', () => {
  it('counts by name and by label', () => {
    const metrics = new CountingMetrics();
    metrics.failed('bad-request');
    metrics.failed('forbidden');
    metrics.failed('forbidden');
    metrics.gap(true);
    metrics.gap(false);
    metrics.connected('sse');
    metrics.disconnected('sse', 'slow-consumer');
    expect(metrics.count('failed')).toBe(3);
    expect(metrics.count('failed', 'forbidden')).toBe(2);
    expect(metrics.count('gap', 'true')).toBe(1);
    expect(metrics.count('connected', 'sse')).toBe(1);
    expect(metrics.count('disconnected', 'slow-consumer')).toBe(1);
    expect(metrics.count('triggered')).toBe(0);
  });

  it('sums subscriptions up', () => {
    const metrics = new CountingMetrics();
    metrics.delivered(2);
    metrics.delivered(3);
    metrics.swept(4);
    metrics.triggered();
    metrics.relayed(7);
    metrics.recovered(false);
    expect(metrics.count('delivered')).toBe(5);
    expect(metrics.count('swept')).toBe(4);
    expect(metrics.count('triggered') + metrics.count('relayed')).toBe(2);
    expect(metrics.count('recovered', 'false')).toBe(1);
  });
});
