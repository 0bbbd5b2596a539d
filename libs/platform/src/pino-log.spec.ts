import { describe, expect, it, jest } from '@jest/globals';
import { HubError } from '@ringback/contract';
import { NestLog } from './nest-log.js';
import { PinoLog, type LogLevel } from './pino-log.js';

function logOf(
  level: LogLevel,
  unbounded: readonly string[] = [],
): { log: PinoLog; lines: () => Record<string, unknown>[] } {
  const texts: string[] = [];
  const log = new PinoLog({
    level,
    fields: { nodeId: 'a' },
    unbounded,
    destination: { write: (text) => texts.push(text) },
  });
  return { log, lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>) };
}

describe('PinoLog', () => {
  it('writes one line of JSON with level, time, message and fields', () => {
    const { log, lines } = logOf('info');
    log.info('listening', { address: 'http://a' });
    expect(lines()).toEqual([
      { level: 'info', time: expect.any(String), nodeId: 'a', message: 'listening', address: 'http://a' },
    ]);
  });

  it('writes nothing below its level', () => {
    const { log, lines } = logOf('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines().map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  it('writes ten lines of a kind in ten seconds, then how many it has left out', () => {
    jest.useFakeTimers();
    const { log, lines } = logOf('debug');
    for (let index = 0; index < 500; index++) log.warn('store failed', { index });
    log.info('listening');
    jest.advanceTimersByTime(10_000);
    expect(lines().map(({ message }) => message)).toEqual([
      ...Array<string>(10).fill('store failed'),
      'listening',
      'log lines suppressed',
    ]);
    expect(lines().at(-1)).toMatchObject({ level: 'warn', line: 'store failed', suppressed: 490 });
    for (let index = 0; index < 50; index++) log.debug('detail');
    expect(lines()).toHaveLength(62);
    jest.useRealTimers();
  });

  it('writes all lines whose number is bounded otherwise', () => {
    const { log, lines } = logOf('info', ['client connected']);
    for (let index = 0; index < 500; index++) log.info('client connected', { index });
    expect(lines()).toHaveLength(500);
  });

  it('describes an error with its causes, and leaves out what libraries hang on it', () => {
    const { log, lines } = logOf('info');
    const reply = Object.assign(new Error('READONLY'), { code: 'READONLY', command: { args: ['cookie'] } });
    log.error('command failed', { error: new HubError('relay-unavailable', undefined, { cause: reply }) });
    const [line] = lines();
    expect(line?.['error']).toMatchObject({
      name: 'HubError',
      code: 'relay-unavailable',
      cause: { message: 'READONLY', code: 'READONLY', stack: expect.stringContaining('pino-log.spec') },
    });
    expect(JSON.stringify(line)).not.toContain('cookie');
  });
});

describe('NestLog', () => {
  it("writes Nest's chatter at debug and its troubles as they are", () => {
    const { log, lines } = logOf('debug');
    const nest = new NestLog(log);
    nest.log('Mapped {/, GET} route', 'RouterExplorer');
    nest.warn('careful', 'Some');
    nest.error(new Error('boom'), 'stack of it', 'ExceptionsHandler');
    expect(lines()).toMatchObject([
      { level: 'debug', message: 'Mapped {/, GET} route', context: 'RouterExplorer' },
      { level: 'warn', message: 'careful' },
      { level: 'error', message: 'boom', context: 'ExceptionsHandler', error: { message: 'boom' } },
    ]);
  });
});
