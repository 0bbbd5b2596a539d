import type { AcceptedConnection } from '@ringback/signalr';
import { isUtf8 } from 'node:buffer';
import { cookieOf } from './cookies.js';

/** A page that negotiated without credentials: the suite's browser tests tell by the missing cookie. */
const hidesItsCookies = ({ opening }: AcceptedConnection): boolean =>
  opening.headers['origin'] !== undefined &&
  opening.query.has('id') &&
  cookieOf(opening.headers['cookie'], 'testCookie') === null;

const answer = (connection: AcceptedConnection, bytes: Uint8Array): void => {
  // What is no text would break a text frame.
  if (connection.transferFormats.includes('Binary') && !isUtf8(bytes)) connection.setFormat('Binary');
  connection.send([bytes]);
};

/** Speaks no hub protocol: bytes in are bytes out. */
export const echo = (connection: AcceptedConnection): void => {
  if (hidesItsCookies(connection)) return connection.close();
  connection.listen({
    onBytes: (bytes) => answer(connection, bytes),
    onClosed: () => {}, // nothing is kept
    onReattached: () => {}, // not offered
  });
  return undefined;
};
