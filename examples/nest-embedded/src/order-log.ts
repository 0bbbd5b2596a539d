import { Inject, Injectable } from '@nestjs/common';
import { HubClient } from '@ringback/nest';

/** Subscribes to the orders like any other subscriber, and keeps what became of them. */
@Injectable()
export class OrderLog {
  private readonly statuses = new Map<string, string[]>();

  constructor(@Inject(HubClient) private readonly hub: HubClient) {}

  /** Resolves once every later event of the order will be written down. */
  async follow(id: string): Promise<void> {
    const statuses: string[] = [];
    this.statuses.set(id, statuses);
    await this.hub.subscribe(`order-${id}`, id, ({ data }) => {
      statuses.push((JSON.parse(data) as { readonly status: string }).status);
    });
  }

  of(id: string): readonly string[] {
    return this.statuses.get(id) ?? [];
  }
}
