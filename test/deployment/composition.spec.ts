import { describe, expect, it } from '@jest/globals';
import { httpAdapterOptions } from '@ringback/http-kit';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { findCompose } from '../support/container-engine.js';
import { defaultOf, explanationOf, isSetting, read, root } from './files.js';

interface Service {
  readonly build?: string;
  readonly image: string;
  readonly command?: string | readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
  readonly healthcheck?: object;
}

interface Composition {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, object>>;
}

const composition = parse(read('docker-compose.yml'), { merge: true }) as Composition;
const closing = parse(read('deploy/compose/closed.yml')) as Composition;
const services = Object.entries(composition.services);
const hubs = Object.keys(composition.services).filter((name) => name.startsWith('hub-'));

/** What the configuration of the agent takes from the environment. */
const namedByAgent = new Set(
  [...read('deploy/compose/agent/agent.json').matchAll(/"\$(\w+)"/g)].map(([, name]) => name),
);
const isKnown = (name: string): boolean => isSetting(name) || namedByAgent.has(name.replace(/_FILE$/, ''));

describe('the composition', () => {
  it('has three hubs, and what old and new versions of Compose take', () => {
    expect(hubs).toEqual(['hub-1', 'hub-2', 'hub-3']);
    expect(
      Object.keys(composition)
        .filter((key) => !key.startsWith('x-'))
        .toSorted(),
    ).toEqual(['secrets', 'services', 'volumes']);
  });

  it.each(services)('mounts into %s what there is', (_name, { volumes = [], secrets = [] }) => {
    const files = secrets.map((name) => composition.secrets[name]?.file ?? `no secret ${name}`);
    const sources = volumes.map((volume) => volume.split(':')[0] ?? '');
    const bound = sources.filter((source) => source.startsWith('./'));
    expect([...bound, ...files].filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const named = sources.filter((source) => !source.startsWith('./'));
    expect(named.filter((name) => !(name in composition.volumes))).toEqual([]);
  });

  it.each(services)('gives %s settings that it knows', (_name, { environment = {} }) => {
    expect(Object.keys(environment).filter((name) => !isKnown(name))).toEqual([]);
  });

  it.each(services)(
    'lets %s wait for services that there are, and that can tell',
    (_name, { depends_on = {} }) => {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        const service = composition.services[name];
        const canTell = service?.build !== undefined || service?.healthcheck !== undefined;
        expect([name, service !== undefined, condition !== 'service_healthy' || canTell]).toEqual([
          name,
          true,
          true,
        ]);
      }
    },
  );

  it('gives a hub the time to say goodbye', () => {
    const drainMs = defaultOf('RINGBACK_SHUTDOWN_DELAY_MS') + defaultOf('RINGBACK_DRAIN_MS');
    for (const name of hubs) {
      const { stop_grace_period: grace = '10s' } = composition.services[name] ?? {};
      expect(Number.parseInt(grace, 10) * 1_000).toBeGreaterThan(drainMs + 5_000);
    }
  });

  it('balances among the hubs, and watches them, on the port that they listen on', () => {
    const port = defaultOf('PORT');
    const balanced = [...read('deploy/compose/haproxy.cfg').matchAll(/^ {2}server \S+ (\S+)$/gm)];
    const watched = parse(read('deploy/compose/prometheus.yml')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const expected = hubs.map((name) => `${name}:${port}`);
    expect(balanced.map(([, server]) => server)).toEqual(expected);
    expect(watched.scrape_configs[0]?.static_configs[0]?.targets).toEqual(expected);
    expect(composition.services['balancer']?.ports).toEqual([`\${PORT:-${port}}:${port}`]);
  });

  it('lets clients write none of the headers that the hubs believe', () => {
    const believed = explanationOf('RINGBACK_TRUSTED_PROXIES').match(/X-Forwarded-\w+/g) ?? [];
    const written = read('deploy/compose/haproxy.cfg').matchAll(
      /^ {2}http-request (?:set|del)-header (\S+)/gm,
    );
    expect(believed.length).toBeGreaterThan(2);
    expect([...written].map(([, header = '']) => header).toSorted()).toEqual(believed.toSorted());
  });

  it.each(['deploy/compose/haproxy.cfg', 'docs/edge/haproxy.cfg'])(
    'waits in %s for headers as long as a hub does, and for the next request as before',
    (file) => {
      const timeOf = (what: string): number =>
        Number(new RegExp(`^ {2}timeout ${what} (\\d+)s$`, 'm').exec(read(file))?.[1]) * 1_000;
      expect(timeOf('http-request')).toBe(httpAdapterOptions().http.headersTimeout);
      expect(timeOf('http-keep-alive')).toBe(timeOf('client'));
    },
  );

  it('has one password for Redis', () => {
    const url = new URL(read('deploy/compose/secrets/redis-url').trim());
    const asked = /^requirepass (\S+)$/m.exec(read('deploy/compose/redis.conf'))?.[1];
    expect([url.password, url.hostname]).toEqual([asked, 'redis']);
  });

  it('has a configuration that haproxy takes', () => {
    const args = ['-c', '-f', join(root, 'deploy/compose/haproxy.cfg')];
    expect(() => execFileSync('haproxy', args, { stdio: 'pipe' })).not.toThrow();
  });
});

const compose = findCompose();
if (compose) {
  const closed = ['-f', 'docker-compose.yml', '-f', 'deploy/compose/closed.yml'];
  describe(`the composition, read by ${compose.join(' ')}`, () => {
    it.each([
      ['open', []],
      ['closed', closed],
    ])(
      'is right where it is %s',
      (_how, files) => {
        const [command = '', ...first] = compose;
        const args = [...first, ...files, '--profile', 'agent', 'config', '--quiet'];
        expect(() => execFileSync(command, args, { cwd: root, stdio: 'pipe' })).not.toThrow();
      },
      30_000,
    );
  });
} else {
  console.info('Compose is missing: its files are parsed and looked through, not read by it.');
}

describe('what closes the composition', () => {
  const closed = Object.entries(closing.services);

  it('closes each service that is open', () => {
    const open = services.filter(([, { environment = {} }]) => environment['RINGBACK_ALLOW_ANONYMOUS']);
    expect(closed.map(([name]) => name)).toEqual(open.map(([name]) => name));
    const allowed = closed.map(([, { environment = {} }]) => environment['RINGBACK_ALLOW_ANONYMOUS']);
    expect(new Set(allowed)).toEqual(new Set(['false']));
  });

  it.each(closed)('gives %s only files that are mounted into it', (_name, service) => {
    const { environment = {}, secrets = [] } = service;
    expect(Object.keys(environment).filter((name) => !isKnown(name))).toEqual([]);
    const files = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'));
    expect(files.map(([, path]) => path).toSorted()).toEqual(
      secrets.map((name) => `/run/secrets/${name}`).toSorted(),
    );
  });

  it('keeps its secrets where no commit takes them along', () => {
    const paths = Object.values(closing.secrets).map(({ file }) => file);
    expect(paths.length).toBe(3);
    expect(paths.every((path) => path.startsWith('./deploy/compose/secrets/'))).toBe(true);
    const kept = read('.gitignore').match(/^!?\/deploy\/compose\/secrets.*$/gm);
    expect(kept).toEqual(['/deploy/compose/secrets/*', '!/deploy/compose/secrets/redis-url']);
  });
});
