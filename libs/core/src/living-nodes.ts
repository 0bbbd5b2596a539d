import type { LeaseStore } from './ports/lease-store.port.js';

/** How many are looked up at a time. */
const AT_A_TIME = 100;

/** The nodes that hold a lease. Rejects with `relay-unavailable`. */
export async function livingNodeIds(leases: Pick<LeaseStore, 'nodes'>): Promise<Set<string>> {
  const nodeIds = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await leases.nodes({ limit: AT_A_TIME, ...(cursor && { cursor }) });
    for (const { nodeId } of page.items) nodeIds.add(nodeId);
    cursor = page.next;
  } while (cursor !== undefined);
  return nodeIds;
}
