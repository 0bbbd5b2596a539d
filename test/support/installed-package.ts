import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, start } from '../../scripts/processes.mjs';
import { root } from '../../scripts/set-up.mjs';
import { lendThirdParty } from './third-party.js';

const run = promisify(execFile);
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
const COMPILE = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', 'node'];

/** npx looks nowhere but where it is; and bash becomes what it is to start, so that a signal comes through, which dash keeps for itself. */
export const NPX_ENV = { npm_config_offline: 'true', npm_config_script_shell: 'bash' };

export type Running = Awaited<ReturnType<typeof start>> & { readonly port: number };

interface Launch {
  /** A free one if absent. */
  readonly port?: number;
  /** What is waited for in its output; if absent, an answer. */
  readonly expected?: string | undefined;
}

/** A folder into which packages were installed as anybody does, from tarballs, and nothing else but what they need. */
export class InstalledPackages {
  private constructor(readonly folder: string) {}

  static async into(folder: string, ...tarballs: readonly string[]): Promise<InstalledPackages> {
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'empty', type: 'module' }));
    await lendThirdParty(folder);
    const installed = new InstalledPackages(folder);
    await installed.add(...tarballs);
    return installed;
  }

  /** Installs more into the folder. */
  async add(...tarballs: readonly string[]): Promise<void> {
    await run('npm', [...INSTALL, ...tarballs], { cwd: this.folder });
  }

  /** A file of an installed package. */
  read(name: string, file: string): Promise<string> {
    return readFile(join(this.folder, 'node_modules', name, file), 'utf8');
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.folder, file), text);
  }

  /** The TypeScript that the README of the package shows. */
  async exampleOf(name: string): Promise<string> {
    const [, example] = /```ts\n(.*?)```/s.exec(await this.read(name, 'README.md')) ?? [];
    if (example === undefined) throw new Error(`The README of ${name} shows nothing.`);
    return example;
  }

  /** Runs a few lines to their end and answers what they print. */
  async evaluate(text: string): Promise<string> {
    const args = ['--input-type=module', '--eval', text];
    return (await run(process.execPath, args, { cwd: this.folder })).stdout;
  }

  /** What a program that was installed prints, started as the documents say. */
  async npx(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, ...NPX_ENV };
    return (await run('npx', args, { cwd: this.folder, env })).stdout;
  }

  /** Starts a program that was installed in the same way, and resolves once it answers. */
  startNpx(...args: readonly string[]): Promise<Running> {
    return this.launch(['npx', ...args], {});
  }

  /** Starts an example with another port in the place of the README's, and resolves once it answers there, or has printed what is expected. */
  async startExample(file: string, port?: number, expected?: string): Promise<Running> {
    const at = port ?? (await freePort());
    const path = join(this.folder, file);
    await writeFile(path, (await readFile(path, 'utf8')).replace('8080', String(at)));
    return this.launch([process.execPath, file], { port: at, expected });
  }

  private async launch(command: readonly string[], { port, expected }: Launch): Promise<Running> {
    const at = port ?? (await freePort());
    const output = join(this.folder, `${at}.log`);
    await writeFile(output, '');
    const ready = async () =>
      expected === undefined
        ? (await fetch(`http://127.0.0.1:${at}/`)).status > 0
        : (await readFile(output, 'utf8')).includes(expected);
    const running = await start({
      name: command.join(' '),
      command: 'sh',
      args: [
        '-c',
        'cd "$0" && out="$1" && shift && exec "$@" > "$out" 2>&1',
        this.folder,
        output,
        ...command,
      ],
      env: {
        ...process.env,
        ...NPX_ENV,
        REDIS_URL: '',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'warn',
        PORT: String(at),
      },
      ready,
    });
    return { ...running, port: at };
  }
}

/**
 * Compiles programs together, each against the types of what is installed in its folder. Resolves to what the compiler says, with paths as seen from the folder.
 */
export async function compileAll(
  folder: string,
  files: readonly string[],
  ...options: readonly string[]
): Promise<string> {
  const types = ['--typeRoots', join(root, 'node_modules/@types')];
  const told = run(process.execPath, [tsc, ...COMPILE, ...types, ...options, ...files], { cwd: folder });
  return told.then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as Partial<{ stdout: string }>).stdout || (error as Error).message,
  );
}
