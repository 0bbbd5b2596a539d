import { jsonProtocol, messagePackProtocol } from '../../protocols/index.js';
import type { HubDefinition } from '../hub-definition.js';
import { SignalRServer, type ServerSettings } from '../signalr-server.js';
import { FakeConnection, type FakeFacts } from './fake-connection.js';
import { ManualTimers } from './manual-timers.js';

/** A server with one hub at /hub, a clock to move, and what it warned of. */
export const testServer = (definition: HubDefinition, settings: Partial<ServerSettings> = {}) => {
  const timers = new ManualTimers();
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const protocols = [jsonProtocol, messagePackProtocol];
  const server = new SignalRServer({ protocols, timers, log, ...settings });
  const hub = server.addHub('/hub', definition);
  const connect = (facts: FakeFacts = {}): FakeConnection => {
    const connection = new FakeConnection(facts);
    server.accept('/HUB', connection);
    return connection;
  };
  return { server, hub, timers, warnings, connect };
};

/** Waits for a condition, turn by turn. */
export const until = async (condition: () => boolean): Promise<void> => {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 2000) throw new Error('what was waited for does not come');
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Lets everything that is ready happen. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A promise that a spec settles. */
export const gate = () => {
  let open: (value?: unknown) => void = () => {};
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
};
