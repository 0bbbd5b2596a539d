import type { ScopeHost } from './call-scope.js';

/** The hooks that a hub has for the coming and going of one connection. */
export class ConnectionHooks {
  private opening: Promise<boolean> = Promise.resolve(false);

  constructor(private readonly host: ScopeHost) {}

  /** Calls `onIn` once the hub lets the client in: at once where it has no hook. Or `onRefused`, with what the hook threw. */
  opened(onIn: () => void, onRefused: (error: unknown) => void): void {
    this.opening = this.connect(onIn, onRefused);
  }

  /** Resolves once the hub has been told that the client is gone, if it had let it in. Never rejects. */
  async gone(error?: Error): Promise<void> {
    const { hub, signal, context, warn } = this.host;
    if (!(await this.opening) || hub.onDisconnected === undefined) return;
    try {
      await hub.onDisconnected(context({ signal, awaited: false, mayInvoke: true }), error);
    } catch (failure) {
      warn('hub disconnect hook failed', failure);
    }
  }

  private async connect(onIn: () => void, onRefused: (error: unknown) => void): Promise<boolean> {
    const { hub, signal, context, warn } = this.host;
    try {
      if (hub.onConnected) await hub.onConnected(context({ signal, awaited: false, mayInvoke: false }));
      onIn();
      return true;
    } catch (error) {
      warn('hub connect hook failed', error);
      onRefused(error);
      return false;
    }
  }
}
