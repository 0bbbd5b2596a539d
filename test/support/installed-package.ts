import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, start } from '../../scripts/processes.mjs';
import { root } from '../../scripts/set-up.mjs';

const run = promisify(execFile);
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
const COMPILE = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', 'node'];

export type Running = Awaited<ReturnType<typeof start>> & { readonly port: number };

/** An empty folder into which packages were installed as anybody does, from tarballs. */
export class InstalledPackages {
  private constructor(readonly folder: string) {}

  static async into(folder: string, ...tarballs: readonly string[]): Promise<InstalledPackages> {
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'empty', type: 'module' }));
    await run('npm', [...INSTALL, ...tarballs], { cwd: folder });
    return new InstalledPackages(folder);
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

  /** Compiles a program against the types of what is installed; rejects with what the compiler says. */
  async compile(name: string, text: string, ...options: readonly string[]): Promise<void> {
    await writeFile(join(this.folder, `${name}.ts`), text);
    const types = ['--typeRoots', join(root, 'node_modules/@types')];
    const told = run(process.execPath, [tsc, ...COMPILE, ...types, ...options, `${name}.ts`], {
      cwd: this.folder,
    });
    await told.catch((error: unknown) => {
      const { stdout } = error as { readonly stdout?: string };
      throw new Error(`${name}.ts does not compile:\n${stdout}`, { cause: error });
    });
  }

  /** Runs a few lines to their end and answers what they print. */
  async evaluate(text: string): Promise<string> {
    const args = ['--input-type=module', '--eval', text];
    return (await run(process.execPath, args, { cwd: this.folder })).stdout;
  }

  /** What a program that was installed prints. */
  async bin(name: string, ...args: readonly string[]): Promise<string> {
    return (await run(join(this.folder, 'node_modules/.bin', name), args)).stdout;
  }

  /** Starts a program of the folder with `PORT`, and resolves once something answers there, or it has printed what is expected. */
  async start(file: string, expected?: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
    const port = Number(env['PORT'] ?? (await freePort()));
    const output = join(this.folder, `${port}.log`);
    await writeFile(output, '');
    const ready = async () =>
      expected === undefined
        ? (await fetch(`http://127.0.0.1:${port}/`)).status > 0
        : (await readFile(output, 'utf8')).includes(expected);
    const running = await start({
      name: file,
      command: 'sh',
      args: ['-c', 'exec "$0" "$1" > "$2" 2>&1', process.execPath, join(this.folder, file), output],
      env: { ...process.env, REDIS_URL: '', HOST: '127.0.0.1', ...env, PORT: String(port) },
      ready,
    });
    return { ...running, port };
  }
}
