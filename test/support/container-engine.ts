import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from '../../scripts/set-up.mjs';

const execute = promisify(execFile);

/** Compose as it is called here: version 2, else 1.29; undefined where there is none. It needs no engine to read its files. */
export function findCompose(): readonly string[] | undefined {
  const names = [['docker', 'compose'], ['docker-compose']];
  return names.find(([command = '', ...args]) => succeeds(command, [...args, 'version']));
}

/** A container engine of this machine, by its client, and Compose. */
export class ContainerEngine {
  private constructor(private readonly composeCommand: readonly string[]) {}

  /** The engine that runs, if one does and Compose is there. */
  static find(): ContainerEngine | undefined {
    const isHere = (process.env['DOCKER_HOST'] ?? 'unix:').startsWith('unix:');
    if (!isHere || !succeeds('docker', ['version', '--format', '{{.Server.Version}}'])) return undefined;
    const compose = findCompose();
    return compose && new ContainerEngine(compose);
  }

  /** What the client prints; rejects, with what it says, where it fails. */
  async docker(args: readonly string[]): Promise<string> {
    return run('docker', args, {});
  }

  async compose(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
    const [command = '', ...first] = this.composeCommand;
    return run(command, [...first, ...args], env);
  }

  /** Builds the image; behind a proxy that opens TLS with the certificates that Node itself is given. */
  async build(image: string): Promise<void> {
    const certificates = process.env['NODE_EXTRA_CA_CERTS'];
    const secret = certificates ? ['--secret', `id=ca,src=${certificates}`] : [];
    await this.docker(['build', '--tag', image, ...secret, '.']);
  }
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = { cwd: root, env: { ...process.env, DOCKER_BUILDKIT: '1', ...env }, maxBuffer: 2 ** 26 };
  return (await execute(command, args, options)).stdout;
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
