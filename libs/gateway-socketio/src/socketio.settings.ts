import { defaulted, formerly, matching, wholeNumber } from '@ringback/settings';
import { DEFAULT_OPTIONS } from './socketio.options.js';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
const { path, pingIntervalMs, pingTimeoutMs } = DEFAULT_OPTIONS;

/** What of the gateway can be set from outside. */
export const SOCKETIO_SETTINGS = {
  RINGBACK_SOCKETIO_PATH: formerly(
    'SOCKETIO_PATH',
    defaulted(
      path,
      matching(/^(\/[0-9A-Za-z._~-]+)+$/, 'an absolute path without a slash at its end', {
        doc: 'Path of the Socket.IO gateway.',
      }),
    ),
  ),
  RINGBACK_SOCKETIO_PING_INTERVAL_MS: formerly(
    'PING_INTERVAL_MS',
    wholeNumber(
      pingIntervalMs,
      'How often a Socket.IO client is asked whether it is still there. A poll is held for as long, and many proxies wait for 60 s: from 50 s on the node warns.',
      {
        min: SECOND_MS,
        max: DAY_MS,
      },
    ),
  ),
  RINGBACK_SOCKETIO_PING_TIMEOUT_MS: formerly(
    'PING_TIMEOUT_MS',
    wholeNumber(pingTimeoutMs, 'How long it may take to answer.', { min: SECOND_MS, max: DAY_MS }),
  ),
} as const;
