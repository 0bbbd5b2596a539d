import { HubError, METHODS } from '@ringback/contract';
import { eventHubUrl } from './hub-url.js';
import { pause } from './pause.js';
import { ReconnectingLink, type LinkOptions } from './reconnecting-link.js';
import { Renewals } from './renewals.js';
import { shownUrl } from './shown-url.js';

/** The cookie that ends a subscription at an event hub. */
const END_SUBSCRIPTION = 'endsubscription';
/** How soon a subscription is tried again that the remote hub refused. */
const RETRY_MS = 5_000;
/** How soon after a delivery its subscription is made again: a one-shot, which looks like any other delivery, has ended it. */
const AGAIN_MS = 500;
/** Subscriptions that are sent without waiting for the answers to those before. */
const SENT_AT_A_TIME = 100;

export interface EventHubClientOptions extends LinkOptions {
  /** A server, or its event hub: `RealtimeEventPushHub` is put behind the path where it does not stand there. */
  readonly url: string;
  /** The URL is the whole path of the SignalR hub: nothing is put behind it. */
  readonly isHubUrl?: boolean;
  /** A delivery, in the order in which they come. What it throws or rejects with is logged. */
  readonly onEvent: (eventguid: string, cookie: string, data: string) => void | Promise<void>;
  /** Connected, with every subscription sent again; or lost. */
  readonly onState?: (connected: boolean) => void;
}

/** A subscriber at a three-string event hub: an MDrivenServer, a Ringback, or whatever speaks like them. */
export class EventHubClient {
  private readonly link: ReconnectingLink;
  private readonly cookies = new Map<string, string>();
  private readonly retries = new Map<string, AbortController>();
  private readonly renewals = new Renewals(AGAIN_MS, (eventguid) => this.renew(eventguid));
  private readonly url: string;

  constructor(private readonly options: EventHubClientOptions) {
    const { url, isHubUrl, onState } = options;
    this.url = isHubUrl ? url : eventHubUrl(url);
    this.link = new ReconnectingLink(
      {
        url: this.url,
        handlers: { ReceiveEvent: (...args) => this.receive(args) },
        onOpen: () => this.subscribeAll(),
        onState: (connected) => onState?.(connected),
      },
      options,
    );
  }

  get connected(): boolean {
    return this.link.connected;
  }

  /** Begins to connect, and comes back for ever. Returns at once. */
  start(): void {
    this.link.start();
  }

  /** Once it resolves, the connection is closed for good and nothing more is delivered. */
  async close(): Promise<void> {
    for (const retry of this.retries.values()) retry.abort();
    this.renewals.close();
    await this.link.close();
  }

  /** Whether it is, as far as the remote hub has not refused. */
  isSubscribed(eventguid: string): boolean {
    return this.cookies.has(eventguid) && !this.retries.has(eventguid);
  }

  /** Remembered, the last cookie wins: sent now if connected, after every connect, and half a second after a delivery. A refusal is logged, and tried again after a while. */
  subscribe(eventguid: string, cookie: string): void {
    this.cookies.set(eventguid, cookie);
    if (this.link.open) this.sendInBackground(eventguid);
  }

  /** Forgotten at once; the remote hub is told if connected. */
  unsubscribe(eventguid: string): void {
    this.cookies.delete(eventguid);
    if (this.link.open) this.sendInBackground(eventguid);
  }

  /** Once it resolves, the remote hub has taken it. Rejects with a coded error; with `closed`, whether it has is not known. */
  async trigger(eventguid: string, data: string, removeAfterSend: boolean): Promise<void> {
    if (!this.connected) throw new HubError('closed');
    await this.link.invoke(METHODS.trigger, eventguid, data, removeAfterSend);
  }

  private async subscribeAll(): Promise<void> {
    const eventguids = [...this.cookies.keys()];
    for (let start = 0; start < eventguids.length; start += SENT_AT_A_TIME) {
      const batch = eventguids.slice(start, start + SENT_AT_A_TIME);
      await Promise.all(batch.map((eventguid) => this.send(eventguid)));
    }
  }

  private renew(eventguid: string): void {
    if (this.cookies.has(eventguid) && this.link.open) this.sendInBackground(eventguid);
  }

  private sendInBackground(eventguid: string): void {
    this.send(eventguid).catch((error: unknown) => this.warn('subscription not sent', eventguid, error));
  }

  /** Rejects only if the link is lost, after which all is sent anew. */
  private async send(eventguid: string): Promise<void> {
    this.retries.get(eventguid)?.abort();
    const cookie = this.cookies.get(eventguid) ?? END_SUBSCRIPTION;
    try {
      await this.link.invoke(METHODS.subscribe, eventguid, cookie);
    } catch (error) {
      const { code } = HubError.from(error);
      if (code === 'closed') throw error;
      this.warn('subscription refused', eventguid, error);
      this.retry(eventguid).catch((failure: unknown) => this.warn('not tried again', eventguid, failure));
    }
  }

  private async retry(eventguid: string): Promise<void> {
    const retry = new AbortController();
    this.retries.set(eventguid, retry);
    await pause(RETRY_MS, retry.signal);
    if (this.retries.get(eventguid) === retry) this.retries.delete(eventguid);
    if (!retry.signal.aborted && this.link.open) this.sendInBackground(eventguid);
  }

  private receive([eventguid, cookie, data]: readonly unknown[]): void {
    if (this.link.closed) return;
    if (typeof eventguid !== 'string') return this.warn('delivery not readable', undefined, undefined);
    if (this.cookies.has(eventguid)) this.renewals.ask(eventguid);
    this.hand(eventguid, textOf(cookie), textOf(data)).catch((error: unknown) => {
      // Of what was waiting when it was closed nobody expects anything.
      if (!this.link.closed) this.warn('delivery failed', eventguid, error);
    });
  }

  private async hand(eventguid: string, cookie: string, data: string): Promise<void> {
    await this.options.onEvent(eventguid, cookie, data);
  }

  private warn(message: string, eventguid: string | undefined, error: unknown): void {
    this.options.log.warn(message, { url: shownUrl(this.url), eventguid, error });
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
