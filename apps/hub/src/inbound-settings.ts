import { DEFAULT_LIMITS, type InboundLimits } from '@ringback/contract';
import { formerly, wholeNumber, type SettingValues } from '@ringback/settings';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

/** How much of what clients send a node works on at a time. */
export const INBOUND_SETTINGS = {
  RINGBACK_COMMANDS_PER_CONNECTION: formerly(
    'COMMANDS_PER_CONNECTION',
    wholeNumber(
      DEFAULT_LIMITS.commandsPerConnection,
      'Commands of one connection that wait for a reply; a connection with as many is not read from until half of them are answered.',
    ),
  ),
  RINGBACK_COMMAND_BYTES_PER_CONNECTION: wholeNumber(
    DEFAULT_LIMITS.commandBytesPerConnection,
    'Bytes of those commands, to the same effect.',
  ),
  RINGBACK_COMMANDS_PER_TURN: wholeNumber(
    DEFAULT_LIMITS.commandsPerTurn,
    'Commands that are begun at once in a turn of the event loop, of all connections together; those that wait share as many in their turns, who has not waited lately first.',
  ),
  RINGBACK_UNREAD_REPLY_BYTES: wholeNumber(
    DEFAULT_LIMITS.unreadReplyBytes,
    'Bytes that may wait for a client when it is replied to; a client that leaves more unread is not read from until it has read half of them.',
  ),
  RINGBACK_UNREAD_REPLY_MS: wholeNumber(
    DEFAULT_LIMITS.unreadReplyMs,
    'How long it may leave them unread before it is closed with `replies-unread`.',
    { min: SECOND_MS, max: DAY_MS },
  ),
  RINGBACK_ANONYMOUS_COMMANDS_PER_SECOND: wholeNumber(
    DEFAULT_LIMITS.anonymousCommandsPerSecond,
    'Where tokens are asked for: commands a second of a client that has not shown one.',
  ),
  RINGBACK_ANONYMOUS_COMMAND_BURST: wholeNumber(
    DEFAULT_LIMITS.anonymousCommandBurst,
    'How many it may send at once.',
  ),
  RINGBACK_COMMANDS_PER_SECOND: wholeNumber(
    DEFAULT_LIMITS.commandsPerSecond,
    'Where tokens are asked for: commands a second of a client that has shown one. Those that may `operate`, and those whose token is `unmetered`, send as many as they like.',
  ),
  RINGBACK_COMMAND_BURST: wholeNumber(DEFAULT_LIMITS.commandBurst, 'How many it may send at once.'),
  RINGBACK_INVALID_COMMANDS: wholeNumber(
    DEFAULT_LIMITS.invalidCommands,
    'So many invalid or forbidden commands within RINGBACK_INVALID_COMMAND_WINDOW_MS close a connection with `too-many-invalid-commands`.',
  ),
  RINGBACK_INVALID_COMMAND_WINDOW_MS: wholeNumber(
    DEFAULT_LIMITS.invalidCommandWindowMs,
    'Within how long they are counted.',
    { min: SECOND_MS, max: DAY_MS },
  ),
  RINGBACK_REFUSED_CONNECTS: wholeNumber(
    DEFAULT_LIMITS.refusedConnects,
    'So many refused attempts to connect on one socket close it.',
  ),
  RINGBACK_CONNECT_TIMEOUT_MS: wholeNumber(
    DEFAULT_LIMITS.connectTimeoutMs,
    'How long a client may take from the opening of its socket until it has said who it is.',
    { min: SECOND_MS, max: DAY_MS },
  ),
} as const;

export function inboundLimits(values: SettingValues<typeof INBOUND_SETTINGS>): InboundLimits {
  return {
    commandsPerConnection: values.RINGBACK_COMMANDS_PER_CONNECTION,
    commandBytesPerConnection: values.RINGBACK_COMMAND_BYTES_PER_CONNECTION,
    commandsPerTurn: values.RINGBACK_COMMANDS_PER_TURN,
    unreadReplyBytes: values.RINGBACK_UNREAD_REPLY_BYTES,
    unreadReplyMs: values.RINGBACK_UNREAD_REPLY_MS,
    anonymousCommandsPerSecond: values.RINGBACK_ANONYMOUS_COMMANDS_PER_SECOND,
    anonymousCommandBurst: values.RINGBACK_ANONYMOUS_COMMAND_BURST,
    commandsPerSecond: values.RINGBACK_COMMANDS_PER_SECOND,
    commandBurst: values.RINGBACK_COMMAND_BURST,
    invalidCommands: values.RINGBACK_INVALID_COMMANDS,
    invalidCommandWindowMs: values.RINGBACK_INVALID_COMMAND_WINDOW_MS,
    refusedConnects: values.RINGBACK_REFUSED_CONNECTS,
    connectTimeoutMs: values.RINGBACK_CONNECT_TIMEOUT_MS,
  };
}
