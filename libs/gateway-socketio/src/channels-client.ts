import type { Channels } from '@ringback/core';

type Listener = (message: Buffer, channel: string) => void;

/** Channels in the shape of a client of the `redis` package, which is one of those that `@socket.io/redis-adapter` knows. */
export class ChannelsClient {
  constructor(private readonly channels: Channels) {}

  sSubscribe(channel: string, listener: Listener): void {
    this.channels.follow(channel, (message) => listener(message, channel));
  }

  sUnsubscribe(channel: string): void {
    this.channels.leave(channel);
  }

  async sPublish(channel: string, message: string | Uint8Array): Promise<void> {
    await this.channels.publish(channel, typeof message === 'string' ? Buffer.from(message) : message);
  }

  /** The only command that the adapter sends: `PUBSUB SHARDNUMSUB <channel>`. */
  async sendCommand(command: readonly string[]): Promise<readonly [channel: string, count: number]> {
    const channel = command.at(-1) ?? '';
    return [channel, await this.channels.countFollowers(channel)];
  }
}
