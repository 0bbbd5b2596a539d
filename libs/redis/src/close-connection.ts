import type { RedisConnection } from './redis-connection.js';

/** A Cluster without any node left never says that it has ended. */
const LONGEST_CLOSE_MS = 1_000;

/** Resolves once the connection has ended. */
export async function closeConnection(connection: RedisConnection): Promise<void> {
  // Between two attempts there is no socket whose end would be told.
  const open = !['end', 'reconnecting', 'wait'].includes(connection.status);
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<void>((resolve) => {
    connection.once('end', resolve);
    timer = setTimeout(resolve, LONGEST_CLOSE_MS);
  });
  connection.disconnect();
  if (open) await ended;
  clearTimeout(timer);
}
