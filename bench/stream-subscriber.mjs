// A subscriber of a stream for the fan-out bench: reads as little of HTTP and of event streams as it takes to count deliveries.
import { connect } from 'node:net';

const HEAD_END = '\r\n\r\n';
const BLOCK_END = '\n\n';

/**
 * Opens the stream; resolves once it has begun, and calls `onDeliveries` with how many come.
 * @param {string} url
 * @param {string} path
 * @param {(count: number) => void} onDeliveries
 * @returns {Promise<void>} rejects if it is refused, or ends before it has begun
 */
export function openStream(url, path, onDeliveries) {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`);
  return new Promise((resolve, reject) => {
    let rest = '';
    let hasBegun = false;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the stream has ended: ${rest.slice(0, 500)}`)));
    socket.on('data', (bytes) => {
      rest += bytes.toString('latin1');
      if (!hasBegun) {
        const end = rest.indexOf(HEAD_END);
        if (end === -1 || !rest.startsWith('HTTP/1.1 200')) return;
        rest = rest.slice(end + HEAD_END.length);
        hasBegun = true;
        resolve();
      }
      const last = rest.lastIndexOf(BLOCK_END) + BLOCK_END.length;
      if (last < BLOCK_END.length) return;
      const count = deliveriesIn(rest.slice(0, last));
      rest = rest.slice(last);
      if (count > 0) onDeliveries(count);
    });
  });
}

/** Blocks that have data: no others come in the bench but those of an id alone. @param {string} blocks */
function deliveriesIn(blocks) {
  let count = blocks.startsWith('data: ') ? 1 : 0;
  for (let at = blocks.indexOf('\ndata: '); at !== -1; at = blocks.indexOf('\ndata: ', at + 1)) count++;
  return count;
}
