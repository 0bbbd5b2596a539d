import { connect, type RingbackClient } from '@ringback/client';

/** What a subscriber saw of one event, in the order in which it saw it. */
type Seen =
  { readonly kind: 'gap' } | { readonly kind: 'delivery'; readonly position: string; readonly data: string };

/** What is wrong with what one subscriber saw, or with all of them together. */
type Complaint = string;

/** An accepted trigger. */
interface Accepted {
  readonly eventguid: string;
  readonly data: string;
  readonly position: string;
}

/** SDK subscribers and triggers of several events, and whether what was promised about them is true. */
export class Witness {
  readonly accepted: Accepted[] = [];
  readonly refused: unknown[] = [];
  private readonly clients: RingbackClient[] = [];
  /** By subscriber, then by event. */
  private readonly seen: Map<string, Seen[]>[] = [];
  private publisher: RingbackClient | undefined;
  private readonly pending: Promise<void>[] = [];
  private timer: NodeJS.Timeout | undefined;
  private serial = 0;

  constructor(
    private readonly url: string,
    readonly eventguids: readonly string[],
    /** Where it triggers, if not where it subscribes. */
    private readonly publisherUrl = url,
  ) {}

  /** Adds a subscriber to all events. */
  async subscribe(): Promise<void> {
    const seen = new Map(this.eventguids.map((eventguid): [string, Seen[]] => [eventguid, []]));
    const client = await this.connect(({ eventguid }) => seen.get(eventguid)?.push({ kind: 'gap' }));
    for (const [eventguid, list] of seen) {
      await client.subscribe(eventguid, 'cookie', ({ position, data }) =>
        list.push({ kind: 'delivery', position, data: String(data) }),
      );
    }
    this.seen.push(seen);
  }

  /** Begins to trigger the events in turn, at a steady pace; each is repeated with its key until it is accepted. */
  async begin(perSecond: number): Promise<void> {
    this.publisher ??= await this.connect(undefined, this.publisherUrl);
    this.timer = setInterval(() => this.pending.push(this.trigger()), 1_000 / perSecond);
  }

  /** Ends the triggering; resolves once none is under way. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.pending.splice(0));
  }

  /** Triggers each event so many times, one after the other. */
  async triggerEach(times: number): Promise<void> {
    this.publisher ??= await this.connect(undefined, this.publisherUrl);
    const inTurn = async (eventguid: string): Promise<void> => {
      for (let count = 0; count < times; count++) await this.trigger(eventguid);
    };
    await Promise.all(this.eventguids.map(inTurn));
  }

  /** Whether every subscriber has the last accepted trigger of every event. */
  get upToDate(): boolean {
    return this.eventguids.every((eventguid) => {
      const last = this.acceptedOf(eventguid).at(-1)?.data;
      return this.seenOf(eventguid).every((seen) => deliveries(seen).some(({ data }) => data === last));
    });
  }

  /** Losses that subscribers of the event were told of: the fewest that any of them was. */
  fewestGaps(eventguid: string): number {
    return Math.min(
      ...this.seenOf(eventguid).map((seen) => seen.filter(({ kind }) => kind === 'gap').length),
    );
  }

  get gaps(): number {
    return this.eventguids.flatMap((eventguid) => this.seenOf(eventguid).flat()).filter(isGap).length;
  }

  acceptedOf(eventguid: string): Accepted[] {
    return this.accepted.filter((one) => one.eventguid === eventguid);
  }

  /** Nothing, if every subscriber has every accepted trigger once and in order, or was told that it has not. */
  complaints(): Complaint[] {
    return this.eventguids.flatMap((eventguid) => {
      const ofAll = this.seenOf(eventguid).flatMap((seen, index) =>
        outOfOrder(seen)
          .concat(this.missing(eventguid, seen))
          .map((what) => `${eventguid}, subscriber ${index}: ${what}`),
      );
      return this.positionsGivenTwice(eventguid).concat(ofAll);
    });
  }

  close(): void {
    clearInterval(this.timer);
    for (const client of this.clients) client.close();
  }

  /** A position stands for one trigger, whoever was told of it. */
  private positionsGivenTwice(eventguid: string): Complaint[] {
    const dataOf = new Map<string, string>();
    const given = [...this.acceptedOf(eventguid), ...this.seenOf(eventguid).flatMap(deliveries)];
    return given.flatMap(({ position, data }) => {
      const first = dataOf.get(position) ?? data;
      dataOf.set(position, first);
      return first === data ? [] : [`${eventguid}: ${position} is ${first} and ${data}`];
    });
  }

  private missing(eventguid: string, seen: readonly Seen[]): Complaint[] {
    if (seen.some(isGap)) return [];
    const times = new Map<string, number>();
    for (const { data } of deliveries(seen)) times.set(data, (times.get(data) ?? 0) + 1);
    return this.acceptedOf(eventguid)
      .filter(({ data }) => times.get(data) !== 1)
      .map(({ data, position }) => `${data} at ${position} came ${times.get(data) ?? 0} times`);
  }

  private seenOf(eventguid: string): readonly (readonly Seen[])[] {
    return this.seen.map((byEvent) => byEvent.get(eventguid) ?? []);
  }

  private async trigger(wanted?: string): Promise<void> {
    const serial = this.serial++;
    const eventguid = wanted ?? this.eventguids[serial % this.eventguids.length] ?? '';
    const data = `trigger ${serial}`;
    try {
      const answer = await this.publisher?.trigger(eventguid, data, { retryForMs: 20_000 });
      if (answer) this.accepted.push({ eventguid, data, position: answer.position });
    } catch (error) {
      this.refused.push(error);
    }
  }

  private async connect(
    onGap: (gap: { readonly eventguid: string }) => void = () => {},
    url = this.url,
  ): Promise<RingbackClient> {
    const client = await connect({
      url,
      minDelayMs: 50,
      maxDelayMs: 500,
      onGap,
      onError: () => {}, // what goes wrong shows in what is missing
    });
    this.clients.push(client);
    return client;
  }
}

function isGap({ kind }: Seen): boolean {
  return kind === 'gap';
}

function deliveries(seen: readonly Seen[]): (Seen & { kind: 'delivery' })[] {
  return seen.filter((one) => one.kind === 'delivery');
}

/** From one delivery to the next the offset grows by one, unless a loss was told in between. */
function outOfOrder(seen: readonly Seen[]): Complaint[] {
  return seen.flatMap((one, index) => {
    const before = seen[index - 1];
    if (one.kind !== 'delivery' || before?.kind !== 'delivery') return [];
    const step = offsetOf(one.position) - offsetOf(before.position);
    return step === 1 ? [] : [`${one.position} came after ${before.position}`];
  });
}

function offsetOf(position: string): number {
  return Number(position.split(':')[1]);
}
