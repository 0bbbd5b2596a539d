import { expect } from '@jest/globals';
import { RawSocket } from './raw-socket.js';
import { TestHubServer } from './test-hub-server.js';

export const end = '\u001e';
export const jsonHandshake = `{"protocol":"json","version":1}${end}`;
export const userAgents = {
  '.NET': 'Microsoft SignalR/8.0 (8.0.20; Windows NT; .NET; .NET 8.0.20)',
  Java: 'Microsoft SignalR/8.0 (8.0.20; Linux; Java; 17.0.9; Eclipse Adoptium)',
};

/** A test hub, and clients of other languages that speak to it in raw bytes. */
export class OtherClients {
  private readonly sockets: RawSocket[] = [];

  private constructor(readonly server: TestHubServer) {}

  static async start(): Promise<OtherClients> {
    return new OtherClients(await TestHubServer.start());
  }

  /** What negotiate answers, with 200. */
  async negotiate(init: RequestInit = {}): Promise<Record<string, unknown>> {
    const url = `${this.server.httpUrl}/testhub/negotiate?negotiateVersion=1`;
    const answer = await fetch(url, { method: 'POST', ...init });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Record<string, unknown>;
  }

  async open(query = '', headers: Record<string, string> = {}): Promise<RawSocket> {
    const socket = await RawSocket.open(`${this.server.httpUrl}/testhub${query}`, headers);
    this.sockets.push(socket);
    return socket;
  }

  /** Cuts every socket that was opened. */
  cut(): void {
    for (const socket of this.sockets.splice(0)) socket.terminate();
  }
}
