import type { Command, ErrorReply } from '@ringback/contract';
import type { CommandReply } from '@ringback/core';
import type { ClientSession } from '@ringback/gateway-kit';
import type { SocketIoConnection } from './socketio.connection.js';

/** One message of a client, as Socket.IO hands it over. */
export interface ClientMessage {
  readonly session: ClientSession<SocketIoConnection>;
  readonly method: unknown;
  readonly args: readonly unknown[];
  /** Absent where the client wants no reply. */
  readonly acknowledge: ((reply: CommandReply | ErrorReply) => void) | undefined;
}

/** A message whose turn has come: what passes through Nest. */
export interface QueuedMessage extends ClientMessage {
  /** Lets the commands behind it begin before this one is answered. */
  readonly release: () => void;
}

/** What a message asks for. */
export interface ClientCommand extends Pick<QueuedMessage, 'session' | 'release'> {
  readonly command: Command;
}
