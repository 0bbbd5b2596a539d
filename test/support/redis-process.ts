import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { waitUntil } from './wait-until.js';

/** The bus of a Redis Cluster listens 10,000 above the port itself. */
const BUS_DISTANCE = 10_000;
const LAST_PORT = 65_535;

/** One redis-server that writes each change through to its directory. */
export class RedisProcess {
  private child: ChildProcess | undefined;

  constructor(
    private readonly directory: string,
    readonly port: number,
    private readonly args: readonly string[] = [],
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const child = spawn('redis-server', this.options(), { stdio: 'ignore' });
    this.child = child;
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
    });
    await waitUntil(async () => {
      if (failure) throw failure;
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      return answersPing(this.port);
    }, `redis-server on port ${this.port}`);
  }

  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Stops the process without ending it: its sockets stay open and say nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  private options(): readonly string[] {
    const listening = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.directory];
    return [...listening, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', ...this.args];
  }
}

/** A port that is free now, and whose cluster bus port is none that the system gives out twice. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (port + BUS_DISTANCE <= LAST_PORT) return port;
  }
}

async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().startsWith('+PONG');
  } catch {
    // Not listening yet.
    return false;
  } finally {
    socket.destroy();
  }
}
