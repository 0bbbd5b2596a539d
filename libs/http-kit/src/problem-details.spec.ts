import { ERROR_CODES, HubError, type ErrorCode } from '@ringback/contract';
import { describe, expect, it } from '@jest/globals';
import { HttpException, NotFoundException } from '@nestjs/common';
import { toHubError } from './framework-error.js';
import { problemHeaders, problemDetails } from './problem-details.js';

const ROWS: Readonly<Record<ErrorCode, readonly [status: number, title: string, retryAfter?: string]>> = {
  'bad-request': [400, 'Bad request'],
  'bad-eventguid': [400, 'Bad eventguid'],
  'unknown-method': [404, 'Unknown method'],
  unauthorized: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'Method not allowed'],
  'misdirected-request': [421, 'Misdirected request'],
  'cookie-too-large': [413, 'Cookie too large'],
  'data-too-large': [413, 'Data too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  'too-many-subscriptions': [429, 'Too many subscriptions'],
  'node-subscription-limit': [503, 'Node subscription limit', '5'],
  'too-many-commands': [429, 'Too many commands', '1'],
  'too-many-connections': [503, 'Too many connections', '5'],
  'too-many-events': [503, 'Too many events', '60'],
  'memory-full': [503, 'Memory full', '60'],
  'offline-session-limit': [503, 'Offline session limit', '60'],
  'durable-bytes-limit': [503, 'Durable bytes limit', '60'],
  'too-many-prepared-streams': [503, 'Too many prepared streams', '5'],
  'transport-session-not-found': [404, 'Transport session not found'],
  'node-unavailable': [503, 'Node unavailable', '2'],
  'relay-unavailable': [503, 'Relay unavailable', '2'],
  'cluster-refuses-writes': [503, 'Cluster refuses writes', '5'],
  'issuer-unavailable': [503, 'Issuer unavailable', '5'],
  draining: [503, 'Draining', '1'],
  closed: [503, 'Closed', '1'],
  timeout: [504, 'Timeout', '1'],
  internal: [500, 'Internal'],
};

describe('problemDetails', () => {
  it.each(Object.entries(ROWS))('translates %s', (code, [status, title, retryAfter]) => {
    const error = new HubError(code as ErrorCode);
    expect(problemDetails(error)).toEqual({
      type: `/docs/errors#${code}`,
      title,
      status,
      detail: ERROR_CODES[code as ErrorCode].meaning,
      code,
    });
    expect(problemHeaders(error.code)['Retry-After']).toBe(retryAfter);
    expect(problemHeaders(error.code)['Content-Type']).toBe('application/problem+json');
  });

  it('has a row for every code', () => {
    expect(Object.keys(ROWS).sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it('offers a time to come back for temporary errors only', () => {
    for (const [code, { temporary }] of Object.entries(ERROR_CODES)) {
      if (!temporary) expect(problemHeaders(code as ErrorCode)).not.toHaveProperty('Retry-After');
    }
  });

  it('says what is wrong, but never of an internal error', () => {
    expect(problemDetails(new HubError('bad-request', 'Too odd.')).detail).toBe('Too odd.');
    expect(problemDetails(new HubError('internal', 'secret')).detail).not.toContain('secret');
  });

  it('names the scheme to those who are not known', () => {
    expect(problemHeaders('unauthorized')['WWW-Authenticate']).toBe('Bearer realm="ringback"');
  });
});

describe('toHubError', () => {
  const fastify = (statusCode: number) => Object.assign(new Error('FST secret'), { statusCode });

  it.each([
    [new NotFoundException('Cannot GET /x'), 'not-found'],
    [new HttpException('secret', 401), 'unauthorized'],
    [new HttpException('secret', 403), 'forbidden'],
    [fastify(405), 'method-not-allowed'],
    [fastify(413), 'data-too-large'],
    [fastify(414), 'bad-request'],
    [fastify(415), 'unsupported-media-type'],
    [fastify(400), 'bad-request'],
  ])('gives %s the code %s, in words of its own', (error, code) => {
    expect(toHubError(error)).toMatchObject({ name: 'HubError', code, cause: error });
    expect((toHubError(error) as HubError).message).not.toMatch(/secret|Cannot/);
  });

  it('leaves alone what is a HubError or nobody expected', () => {
    for (const error of [
      new HubError('draining'),
      fastify(500),
      new Error('bug'),
      'thrown text',
      undefined,
    ]) {
      expect(toHubError(error)).toBe(error);
    }
  });
});
