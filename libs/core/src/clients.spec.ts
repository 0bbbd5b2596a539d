import { beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { FakeClock } from '@ringback/memory';
import { Clients } from './clients.js';
import type { ConnectedClient } from './connected-client.js';
import { NamedSession } from './named-session.js';
import { RecordingConnection } from './testing/recording-connection.js';

const NAME = 'n:anyone/till';

describe('Clients', () => {
  let clients: Clients;

  beforeEach(() => {
    clients = new Clients(new FakeClock(), DEFAULT_LIMITS, { onEvicted: () => undefined });
  });

  function connect(connectionId: string, subscriber?: string): ConnectedClient {
    const session = subscriber === undefined ? undefined : new NamedSession(subscriber, 'on-connect');
    return clients.add(new RecordingConnection(connectionId), { name: 'anyone' }, session);
  }

  it('finds an ephemeral subscriber by its name, as long as it is connected', () => {
    const client = connect('1');
    connect('2');
    expect([...clients.of(client.subscriber)]).toEqual([client]);
    clients.remove(client);
    expect([...clients.of(client.subscriber)]).toEqual([]);
  });

  it('finds all connections of a named subscriber while one takes over from another', () => {
    const older = connect('1', NAME);
    const newer = connect('2', NAME);
    expect([...clients.of(NAME)]).toEqual([older, newer]);
    clients.remove(older);
    expect([...clients.of(NAME)]).toEqual([newer]);
    clients.remove(newer);
    expect([...clients.of(NAME)]).toEqual([]);
  });

  it('finds the connection of a named subscriber under its name alone', () => {
    connect('1', NAME);
    expect([...clients.of('c:1')]).toEqual([]);
  });
});
