import { SentinelConnector, type Redis } from 'ioredis';
import { hearErrors } from './socket-connector.js';

type Stream = Awaited<ReturnType<SentinelConnector['connect']>>;

/** How the library opens a connection to a sentinel; it keeps that to itself. */
interface Opener {
  connectToSentinel(...args: readonly unknown[]): Redis;
}

/** Finds the master by the sentinels, without what the library's own does when a failover is announced or a sentinel is away. */
export class MasterConnector extends SentinelConnector {
  constructor(options: ConstructorParameters<typeof SentinelConnector>[0]) {
    super(options);
    const opener = this as unknown as Opener;
    const open = opener.connectToSentinel.bind(this);
    // A sentinel that is away is no news for standard error; the others tell of a failover.
    opener.connectToSentinel = (...args) => open(...args).on('error', () => {});
  }

  /** While it looks for the master it hears no sentinel of the time before: an announcement would end the attempt, and with it the connection for good. */
  override async connect(...args: Parameters<SentinelConnector['connect']>): Promise<Stream> {
    this.disconnect();
    return hearErrors(await super.connect(...args));
  }
}
