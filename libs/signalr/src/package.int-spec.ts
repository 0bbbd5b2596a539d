import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const library = join(import.meta.dirname, '..');
const modules = join(library, '../../node_modules');
const build = join(library, '../../scripts/build-package.mjs');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
/** The compiler runs twice, on a machine that may have much else to do. */
const buildMs = 120_000;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

let place: string;
let project: string;
let manifest: Manifest;
let child: ChildProcess;
const clients: HubConnection[] = [];

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'signalr-package-'));
  project = join(place, 'project');
  manifest = JSON.parse(await readFile(join(library, 'package.json'), 'utf8')) as Manifest;
  await install(await pack());
}, buildMs);

afterAll(async () => {
  for (const client of clients) await client.stop();
  child?.kill();
  await rm(place, { recursive: true });
});

/** Builds as the package is built and packs what it names; answers the tarball. */
async function pack(): Promise<string> {
  const stage = join(place, 'stage');
  await mkdir(stage);
  for (const file of ['package.json', 'README.md', 'LICENSE'])
    await cp(join(library, file), join(stage, file));
  await run(process.execPath, [build, library, join(stage, 'dist')]);
  const options = ['--ignore-scripts', '--offline', '--json', '--cache', join(place, 'cache')];
  const { stdout } = await run('npm', ['pack', ...options], { cwd: stage });
  const [{ filename = '' } = {}] = JSON.parse(stdout) as { filename?: string }[];
  return join(stage, filename);
}

/** A project of somebody else, who has the package, what it depends upon and the types of Node, and nothing of ours. */
async function install(tarball: string): Promise<void> {
  const installed = join(project, 'node_modules', manifest.name);
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  for (const name of [...Object.keys(manifest.dependencies), '@types/node', 'undici-types']) {
    const link = join(project, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(modules, name), link);
  }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'project', type: 'module' }));
}

/** Compiles the example of the README against the types of the package, libraries checked too; only its port is another one. */
async function compileExample(): Promise<void> {
  const readme = await readFile(join(project, 'node_modules', manifest.name, 'README.md'), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const told = "http.on('listening', () => console.log(JSON.stringify(http.address())));";
  await writeFile(join(project, 'server.ts'), `${example.replace('8080', '0')}${told}\n`);
  const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', 'node'];
  await run(process.execPath, [tsc, ...options, 'server.ts'], { cwd: project });
}

async function portOfServer(): Promise<number> {
  child = spawn(process.execPath, ['server.js'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [Buffer];
  return (JSON.parse(line.toString()) as { port: number }).port;
}

async function connect(port: number): Promise<HubConnection> {
  const builder = new HubConnectionBuilder().withUrl(`http://127.0.0.1:${port}/chat`);
  const client = builder.configureLogging(LogLevel.None).build();
  clients.push(client);
  await client.start();
  return client;
}

describe('the package by itself', () => {
  it(
    'compiles and runs the fifteen lines of the README, for stock clients',
    async () => {
      await compileExample();
      const port = await portOfServer();
      const [one, other] = [await connect(port), await connect(port)];
      const said = new Promise((resolve) => other.on('Said', resolve));
      expect(await one.invoke('Say', 'hello')).toBe(5);
      expect(await said).toBe('hello');
    },
    buildMs,
  );

  it('holds no specs, and no sources', async () => {
    const files = await readdir(join(project, 'node_modules', manifest.name), { recursive: true });
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']),
    );
    expect(files.filter((file) => /spec|testing|sample|src/.test(file))).toEqual([]);
  });

  it('brings along the libraries of ours that it imports, and no name of them', async () => {
    const dist = join(project, 'node_modules', manifest.name, 'dist');
    expect(await readdir(join(dist, 'bundled'))).toEqual(['node-proxy']);
    for (const file of await readdir(dist, { recursive: true }))
      if (/[.](js|ts)$/.test(file))
        expect([file, await readFile(join(dist, file), 'utf8')]).toEqual([
          file,
          expect.not.stringMatching(/from '@ringback/),
        ]);
  });

  it('names what it imports, in the versions that are tested here, and nothing else', async () => {
    const dist = join(project, 'node_modules', manifest.name, 'dist');
    const files = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.js'));
    const sources = await Promise.all(files.map((file) => readFile(join(dist, file), 'utf8')));
    const imported = sources.flatMap((source) =>
      [...source.matchAll(/ from '([^'.][^']*)'/g)].map(([, name]) => name),
    );
    const packages = new Set(imported.filter((name) => !name?.startsWith('node:')));
    expect(new Set(Object.keys(manifest.dependencies))).toEqual(packages);
    const root = JSON.parse(await readFile(join(library, '../../package.json'), 'utf8')) as Manifest;
    for (const [name, range] of Object.entries(manifest.dependencies))
      expect([name, range]).toEqual([name, `^${root.dependencies[name]}`]);
    expect(manifest.version).toBe(root.version);
  });
});
