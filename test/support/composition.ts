/** The hubs of docker-compose.yml. */
export const HUBS = ['hub-1', 'hub-2', 'hub-3'] as const;

/** The composition of docker-compose.yml, however it runs. */
export interface RunningComposition {
  /** Of the load balancer. */
  readonly url: string;
  /** Whether the health check of the image takes a hub for well. */
  isHealthy(hub: string): Promise<boolean>;
  /** Ends a hub without a word. */
  kill(hub: string): Promise<void>;
  /** Starts a hub again that has ended; it need not be ready yet when this resolves. */
  start(hub: string): Promise<void>;
  /** Asks a hub to end; resolves to its exit code, within the time that it is given. */
  stop(hub: string): Promise<number | null>;
  close(): Promise<void>;
}
