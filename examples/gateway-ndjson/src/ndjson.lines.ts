import type { Socket } from 'node:net';

/**
 * Calls `onLine` for each line of the socket, without its end. A line that is longer than `maxCharacters` ends the socket: nothing that a client sends may
 * fill the memory. Not readline: to that one U+2028 ends a line, which JSON leaves as it is.
 */
export function readLines(socket: Socket, maxCharacters: number, onLine: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    const [first = '', ...lines] = String(chunk).split('\n');
    rest += first;
    for (const line of lines) {
      onLine(rest);
      rest = line;
    }
    if (rest.length > maxCharacters) socket.destroy();
  });
}
