import { path } from './settings.mjs';
import { io } from './socket.io.mjs';

/** Reasons to close from this code on are final: the hub does not want the client back. */
const FIRST_FINAL_CODE = 4500;
const RECONNECT_MS = 1_000;
const REPLY_TIMEOUT_MS = 10_000;

/** Where the node is: a proxy may have put it below a path. This script stands in `page/`. */
const { pathname: prefix } = new URL('..', import.meta.url);

/**
 * Connects to the hub, and connects again by itself until it is refused or closed for good. `token` is called for each attempt. The subscriptions of a
 * connection end with it: `onOpen` is the time to make them again.
 */
export function connect({ token, onOpen, onDown, onRefused, onClosed, onEvent }) {
  let closeReason;
  const socket = io({
    path: prefix.replace(/\/$/, '') + path,
    auth: (answer) => answer(token() ? { token: token() } : {}),
    transports: ['websocket', 'polling'],
  });

  socket.on('connect', () => {
    closeReason = undefined;
    const [nodeId] = socket.io.engine.id.split('.');
    onOpen(nodeId);
  });
  socket.on('disconnect', (cause) => {
    if (closeReason !== undefined && closeReason.code >= FIRST_FINAL_CODE) {
      onClosed(closeReason);
      return;
    }
    onDown();
    if (cause === 'io server disconnect') setTimeout(() => socket.connect(), RECONNECT_MS);
  });
  socket.on('connect_error', ({ message, data }) => {
    if (data?.code === undefined) onDown();
    else onRefused(message);
  });
  socket.on('HubClose', (reason) => {
    closeReason = reason;
  });
  socket.on('ReceiveEvent', onEvent);

  return {
    get connected() {
      return socket.connected;
    },
    /** Resolves to the reply; rejects with what the hub says, and without a connection or a reply in time. */
    async command(method, ...args) {
      if (!socket.connected) throw new Error('There is no connection to the hub.');
      const reply = await socket.timeout(REPLY_TIMEOUT_MS).emitWithAck(method, ...args);
      if (!reply.ok) throw new Error(reply.message);
      return reply;
    },
    /** Begins again, with another token for instance. */
    reconnect() {
      socket.disconnect().connect();
    },
  };
}
