import type { ClientDelivery, GatewayClient } from './gateway-harness.js';
import { waitFor } from './wait-for.js';

/** What the client has been delivered, once it is so many. */
export async function delivered(client: GatewayClient, count: number): Promise<readonly ClientDelivery[]> {
  await waitFor(() => client.deliveries.length >= count, `delivery number ${count}`);
  return client.deliveries;
}

/** The data of what the client has been delivered, once it is so much. */
export async function deliveredData(client: GatewayClient, count: number): Promise<readonly string[]> {
  return (await delivered(client, count)).map(({ data }) => data);
}
