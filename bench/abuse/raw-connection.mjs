// Connections of attackers, made by hand: one write holds hundreds of commands, and nothing has to be read.
import { connect } from 'node:net';
import { once } from 'node:events';

const TEXT = 0x1;
const CLOSE = 0x8;
/** A reply of either protocol: its code, the name of a reason to close, or neither. */
const SAID =
  /"ok":true|"code":"([a-z-]+)"|"name":"([a-z-]+)"|"type":3,"invocationId":"\d+"(?!,"result":\{)(?:,"error":"[^"]*HubException: ([a-z-]+):)?/g;
/** How much of an answer is looked at. */
const LONGEST_ANSWER = 65_536;

/** @typedef {import('./attacker.mjs').Target} Target */

/**
 * One WebSocket frame as a client sends it, under a mask of zeros.
 * @param {string | Buffer} payload
 */
export function frame(payload, opcode = TEXT) {
  const bytes = Buffer.from(payload);
  const head = [0x80 | opcode];
  if (bytes.length < 126) head.push(0x80 | bytes.length);
  else if (bytes.length < 65_536) head.push(0x80 | 126, bytes.length >> 8, bytes.length & 0xff);
  else head.push(0x80 | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (bytes.length >> shift) & 0xff));
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), bytes]);
}

/** A TCP connection to the hub that tells the target how it ended. */
export class RawConnection {
  /** @param {Target} target */
  constructor(target) {
    this.target = target;
    this.socket = connect(target.port, '127.0.0.1');
    this.socket.on('error', () => undefined); // `close` follows
    this.isOpen = true;
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        if (this.isOpen && !target.signal.aborted) target.tally('closed');
        this.isOpen = false;
        resolve(undefined);
      });
    });
  }

  /** Writes, and waits until there is room for more; answers whether the connection is still there. @param {string | Buffer} bytes */
  async write(bytes) {
    if (!this.isOpen) return false;
    if (this.socket.write(bytes)) return true;
    const drained = once(this.socket, 'drain').catch(() => undefined); // ended meanwhile
    await Promise.race([drained, this.closed, this.target.over]);
    return this.isOpen;
  }

  /** Writes the same again and again, until it is closed or the attack is over. @param {string | Buffer} bytes */
  async flood(bytes) {
    while (!this.target.signal.aborted && (await this.write(bytes))) await turn();
  }

  /** Ends it, by the attacker's own will. */
  end() {
    this.isOpen = false;
    this.socket.destroy();
  }

  /** Counts the answers of HTTP by their status. */
  tallyStatuses() {
    this.socket.on('data', (/** @type {Buffer} */ chunk) => {
      for (const [, status] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g))
        this.target.tally(`${status}`);
    });
  }
}

/** A WebSocket that counts what it is answered. */
export class RawWebSocket extends RawConnection {
  /** @type {Buffer} */
  #pending = Buffer.alloc(0);
  /** @type {(text: string) => void} */
  onText = (text) => tallyReplies(this.target, text);
  /** Called when the hub closes; whoever does nothing then never finishes the closing handshake. @type {() => void} */
  onClose = () => undefined;

  /**
   * Resolves once it is open, or to `undefined` where it is refused; the target is told.
   * @param {Target} target
   * @param {string} path
   */
  static async open(target, path) {
    const link = new RawWebSocket(target);
    const token = target.token ? `Authorization: Bearer ${target.token}\r\n` : '';
    const headers = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    link.socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${token}${headers}\r\n${key}\r\n\r\n`);
    return (await link.#opened()) ? link : undefined;
  }

  /** Reads no more. */
  deafen() {
    this.socket.pause();
  }

  async #opened() {
    const isOpened = new Promise((resolve) => {
      let head = '';
      const onHead = (/** @type {Buffer} */ chunk) => {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        this.socket.off('data', onHead);
        const status = head.slice(9, 12);
        if (status !== '101') this.target.tally(`refused ${status}`);
        this.socket.on('data', (/** @type {Buffer} */ more) => this.#read(more));
        this.#read(Buffer.from(head.slice(end + 4), 'latin1'));
        resolve(status === '101');
      };
      this.socket.on('data', onHead);
    });
    return Promise.race([isOpened, this.closed.then(() => false)]);
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    let bytes = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    for (let size = sizeOf(bytes); size && bytes.length >= size.whole; size = sizeOf(bytes)) {
      const payload = bytes.subarray(size.head, Math.min(size.whole, LONGEST_ANSWER));
      const opcode = (bytes[0] ?? 0) & 0xf;
      if (opcode === CLOSE) {
        this.target.tally(`close ${payload.length > 1 ? payload.readUInt16BE(0) : 'without code'}`);
        this.onClose();
      } else if (opcode === TEXT) this.onText(payload.toString('latin1'));
      bytes = bytes.subarray(size.whole);
    }
    this.#pending = bytes;
  }
}

/**
 * Counts replies by what they say: accepted, an error code or a reason for closing.
 * @param {Target} target
 * @param {string} text
 */
function tallyReplies(target, text) {
  for (const [, ...named] of text.matchAll(SAID))
    target.tally(named.find(Boolean) ?? (text.includes('"error":') ? 'error' : 'accepted'));
}

/** Resolves in a later turn of the loop, so that what has come is read. */
export function turn() {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** How long the frame at the start is. @param {Buffer} bytes */
function sizeOf(bytes) {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  if (short < 126) return { head: 2, whole: 2 + short };
  if (short === 126) return bytes.length < 4 ? undefined : { head: 4, whole: 4 + bytes.readUInt16BE(2) };
  return bytes.length < 10 ? undefined : { head: 10, whole: 10 + Number(bytes.readBigUInt64BE(2)) };
}
