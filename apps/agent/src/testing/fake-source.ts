import type { HubConfig } from '../configuration/hub-config.js';
import type { HubSource, OpenSource, SourceDelivery, SourceListener } from '../sources/hub-source.port.js';

/** A hub without a network: what sources hold there is seen, and deliveries are made by the test. */
export class FakeHub {
  readonly held = new Map<string, string>();
  /** Sources that were opened so far. */
  opened = 0;
  /** What the next calls reject with. */
  refusal: Error | undefined;
  private listener: SourceListener | undefined;

  readonly open: OpenSource = async (_hub: HubConfig, listener: SourceListener): Promise<HubSource> => {
    this.refuse();
    this.opened++;
    this.listener = listener;
    listener.connection(true);
    return {
      subscribe: async (eventguid, cookie) => {
        this.refuse();
        this.held.set(eventguid, cookie);
      },
      unsubscribe: async (eventguid) => {
        this.refuse();
        this.held.delete(eventguid);
      },
      close: async () => {
        if (this.listener === listener) this.listener = undefined;
      },
    };
  };

  get isConnected(): boolean {
    return this.listener !== undefined;
  }

  async deliver(eventguid: string, fields: Partial<SourceDelivery> = {}): Promise<void> {
    const cookie = this.held.get(eventguid) ?? '';
    if (fields.ended) this.held.delete(eventguid);
    await this.listener?.deliver({ eventguid, cookie, data: '', ended: false, ...fields });
  }

  /** The hub does not want the source any more. */
  end(reason: string): void {
    this.listener?.ended(reason);
  }

  private refuse(): void {
    if (this.refusal) throw this.refusal;
  }
}
