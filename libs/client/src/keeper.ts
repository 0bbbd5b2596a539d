/** What the hub keeps subscriptions for: those of a connection end with it; those of a session outlast its connections. */
export type Keeper = 'connection' | 'session';
