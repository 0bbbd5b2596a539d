import type { InboundQueue } from '@ringback/gateway-kit';
import type { Socket } from 'node:net';

/**
 * Calls `onLine` for each line of the socket, without its end, when its turn among all that clients send has come. A line that is longer than
 * `maxCharacters` ends the socket: nothing that a client sends may fill the memory. Not readline: to that one U+2028 ends a line, which JSON leaves as it
 * is.
 */
export function readLines(
  socket: Socket,
  maxCharacters: number,
  inbound: Pick<InboundQueue, 'add'>,
  onLine: (line: string) => void,
): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (data) => {
    const text = String(data);
    let from = 0;
    inbound.add(text.length, () => {
      const end = text.indexOf('\n', from);
      const line = rest + text.slice(from, end === -1 ? undefined : end);
      from = end + 1;
      rest = end === -1 ? line : '';
      if (end !== -1) onLine(line);
      if (rest.length > maxCharacters) socket.destroy();
      return end !== -1 && from < text.length;
    });
  });
}

/** For who reads all lines at once. */
export const AT_ONCE: Pick<InboundQueue, 'add'> = {
  add: (_bytes, work) => {
    while (work());
  },
};
