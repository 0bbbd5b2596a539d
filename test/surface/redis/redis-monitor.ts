import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { parseMonitorLine, type RedisCommand } from './monitor-line.js';

/** Every command that a Redis carries out, those of scripts included. */
export class RedisMonitor {
  readonly commands: RedisCommand[] = [];

  private constructor(private readonly socket: Socket) {
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => {
      const command = parseMonitorLine(line);
      if (command) this.commands.push(command);
    });
  }

  /** Resolves once Redis tells of commands. */
  static async connect(url: string): Promise<RedisMonitor> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const monitor = new RedisMonitor(socket);
    await once(socket, 'connect');
    socket.write('MONITOR\r\n');
    await once(socket, 'data');
    return monitor;
  }

  close(): void {
    this.socket.destroy();
  }
}
