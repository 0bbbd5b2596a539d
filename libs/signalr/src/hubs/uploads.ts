import { HubException, OperationCanceledException } from './hub-errors.js';
import type { Completion, StreamItem } from '../protocols/messages.js';
import { Upload } from './upload.js';

/** The streams that one client is sending, by its ids. */
export class Uploads {
  private readonly open = new Map<string, Upload>();

  constructor(private readonly bufferItems: number) {}

  /** Throws when an id is in use. */
  begin(streamIds: readonly string[]): readonly Upload[] {
    const taken = streamIds.find((id, index) => this.open.has(id) || streamIds.indexOf(id) !== index);
    if (taken !== undefined) throw new HubException(`Stream ID '${taken}' is already in use.`);
    return streamIds.map((id) => this.add(id));
  }

  /** Their method is over: what still comes is dropped. */
  end(streamIds: readonly string[]): void {
    for (const id of streamIds) {
      this.open.get(id)?.drop();
      this.open.delete(id);
    }
  }

  /** Settles once the stream has room for more; nothing is answered when it has. */
  item({ invocationId, item }: StreamItem): Promise<void> | undefined {
    return this.open.get(invocationId)?.push(item);
  }

  /** True if the id is that of a stream. */
  complete({ invocationId, error }: Completion): boolean {
    const upload = this.open.get(invocationId);
    upload?.end(error ? new HubException(error) : undefined);
    return upload !== undefined;
  }

  /** The client is gone. */
  close(): void {
    const gone = new OperationCanceledException('The underlying connection was closed.');
    for (const upload of this.open.values()) upload.end(gone);
    this.open.clear();
  }

  private add(id: string): Upload {
    const upload = new Upload(this.bufferItems);
    this.open.set(id, upload);
    return upload;
  }
}
