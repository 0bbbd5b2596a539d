import type { HubProtocol, MessageReader } from './hub-protocol.js';
import type { HubMessage } from './messages.js';
import { readEnvelope } from './json-envelope.js';
import { parseObject } from './json-text.js';
import { RECORD_SEPARATOR, writeJson } from './json-writer.js';
import { checkSize, HeldBytes } from './message-reader.js';

const SEPARATOR_BYTE = RECORD_SEPARATOR.charCodeAt(0);

/** JSON objects, each ended by 0x1E. Over every transport. */
export const jsonProtocol: HubProtocol = {
  name: 'json',
  transferFormat: 'Text',
  version: 2,
  reader: (maxMessageBytes) => new JsonReader(maxMessageBytes),
  write: (message) => writeJson(message) + RECORD_SEPARATOR,
};

/** Cuts at the separator and reads what stands between. Looks at each byte for a separator once, however it is cut. */
class JsonReader implements MessageReader {
  private readonly held = new HeldBytes();

  constructor(private readonly maxMessageBytes: number) {}

  read(bytes: Uint8Array): readonly HubMessage[] {
    const searched = this.held.length;
    const all = this.held.followedBy(bytes);
    const messages: HubMessage[] = [];
    let start = 0;
    for (
      let end = all.indexOf(SEPARATOR_BYTE, searched);
      end >= 0;
      end = all.indexOf(SEPARATOR_BYTE, start)
    ) {
      checkSize(end + 1 - start, this.maxMessageBytes);
      const message = readEnvelope(parseObject(all.subarray(start, end)));
      if (message !== undefined) messages.push(message);
      start = end + 1;
    }
    this.hold(all, start);
    return messages;
  }

  /** The separator is still to come, and counts. */
  private hold(all: Uint8Array, start: number): void {
    if (start < all.length) checkSize(all.length - start + 1, this.maxMessageBytes);
    this.held.hold(all, start);
  }
}
