import { AbstractConnector, type RedisOptions } from 'ioredis';
import { createConnection } from 'node:net';
import { connect as connectTls } from 'node:tls';

type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;

/**
 * Opens the socket of a connection like the client library would, and hears all of its errors: the library hears the first, and a TLS socket may have two,
 * of which the second would end the process.
 */
export class SocketConnector extends AbstractConnector {
  constructor(private readonly options: RedisOptions) {
    super(options.disconnectTimeout ?? 0);
  }

  async connect(): Promise<Stream> {
    this.connecting = true;
    await new Promise((resolve) => process.nextTick(resolve));
    // In these words the library knows that nobody wants it any more.
    if (!this.connecting) throw new Error('Connection is closed.');
    const { host = 'localhost', port = 6379, tls } = this.options;
    this.stream = tls ? connectTls({ host, port, ...tls }) : createConnection({ host, port });
    return hearErrors(this.stream, (error) => (this.firstError ??= error));
  }
}

/** From now on no error of the socket is without a listener. */
export function hearErrors(stream: Stream, listener: (error: Error) => void = () => {}): Stream {
  return stream.on('error', listener);
}
