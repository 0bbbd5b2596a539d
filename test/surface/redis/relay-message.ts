const ENVELOPE = 1;
const REMOVAL = 2;
const RECEIPT_REQUEST = 5;
const HEADER_LENGTH = 3;
/** Offset, time and start of the epoch: a double each. */
const NUMBERS_LENGTH = 24;
/** The flags that say which labels there are. */
const LABEL_FLAGS = [4, 8, 16, 32, 64];

/**
 * What a binary message between nodes is made of: its header in hexadecimal digits, `0x010100`, then its parts in brackets. Written down apart from the
 * product's codec, so that a change of the format shows.
 */
export function showRelayMessage(message: string): string {
  const header = `0x${Buffer.from(message.slice(0, HEADER_LENGTH), 'latin1').toString('hex')}`;
  const rest = message.slice(HEADER_LENGTH);
  switch (message.charCodeAt(1)) {
    case ENVELOPE:
      return `${header} ${showEnvelope(rest, message.charCodeAt(2))}`;
    case REMOVAL:
      return `${header} [${labels(rest, 1).join('] [')}]`;
    case RECEIPT_REQUEST:
      return `${header} ${showRequest(rest)}`;
    default:
      return `${header} [${rest}]`;
  }
}

/** Whether it begins as every version of the format so far does. */
export function isRelayMessage(message: string): boolean {
  const [version, kind] = [message.charCodeAt(0), message.charCodeAt(1)];
  return isSmall(version) && isSmall(kind);
}

/** Which labels there are, the header says. Data are not shown: only whether there are any. */
function showEnvelope(rest: string, flags: number): string {
  const bodyAt = NUMBERS_LENGTH + 1 + rest.charCodeAt(NUMBERS_LENGTH);
  const count = LABEL_FLAGS.filter((flag) => (flags & flag) !== 0).length;
  const data = labels(rest.slice(bodyAt), count).at(-1) ?? '';
  const shown = count === 0 ? '' : ' <labels>';
  return `<offset> <time> <start> <epoch>${shown} ${data === '' ? '<no data>' : '<data>'}`;
}

/** So many texts with two bytes of length each, and what is behind them. */
function labels(text: string, count: number): readonly string[] {
  if (count === 0) return [text];
  const end = 2 + lengthAt(text, 0);
  return [text.slice(2, end), ...labels(text.slice(end), count - 1)];
}

function showRequest(rest: string): string {
  const [nodeId = '', , message = ''] = labels(rest, 2);
  return `[${nodeId}] <receipt> ${showRelayMessage(message)}`;
}

function lengthAt(text: string, at: number): number {
  return text.charCodeAt(at) * 256 + text.charCodeAt(at + 1);
}

function isSmall(byte: number): boolean {
  return byte > 0 && byte < 16;
}
