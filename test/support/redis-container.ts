import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';

const IMAGE = process.env['REDIS_IMAGE'] ?? 'redis:7-alpine';
const PORT = 6379;

/** Redis in a container. Rejects where no engine runs. */
export async function startRedisContainer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  await getContainerRuntimeClient();
  const container = await new GenericContainer(IMAGE).withExposedPorts(PORT).start();
  return {
    url: `redis://${container.getHost()}:${container.getMappedPort(PORT)}`,
    close: async () => {
      await container.stop();
    },
  };
}
