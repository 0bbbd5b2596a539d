import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

const PAGE = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');
const [, SECTION = ''] = /^## JSON Web Tokens\n([^]*?)(?=^## |(?![^]))/m.exec(PAGE) ?? [];
const [START = '', SIGN = '', ASK = '', ISSUER = '', ...MORE] = [
  ...SECTION.matchAll(/^```\w*\n([^]*?)^```$/gm),
].map(([, block = '']) => block);

/** The variables that a block sets. */
function environmentOf(block: string): Record<string, string> {
  const lines = [...block.matchAll(/^([A-Z_]+)=(?:'([^']*)'|(\S+))/gm)];
  return Object.fromEntries(
    lines.map(([, name = '', quoted, plain = '']): [string, string] => [name, quoted ?? plain]),
  );
}

/** What the block of JavaScript prints: as it stands, and with each of these texts in it replaced. One process for all, as each takes its time to start. */
function run(script: string, replaced: readonly (readonly [text: string, by: string])[]): readonly string[] {
  const [importLine = '', ...body] = script.split('\n');
  const block = body.join('\n');
  const blocks = [block, ...replaced.map(([text, by]) => block.replace(text, by))];
  const whole = [importLine, ...blocks.map((each) => `{${each}}`)].join('\n');
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', whole], { encoding: 'utf8' });
  return printed.trim().split('\n');
}

const VARIANTS = [
  ['this secret', 'that secret'],
  ["'10m'", "'-1m'"],
  ['trigger:', 'subscribe:'],
  ["'door-*'", "'window-*'"],
  ["('door-4')", "('app')"],
] as const;

describe('docs/security.md on JSON Web Tokens', () => {
  const log = new RecordingLog();
  let node: HubNode;
  let token = '';
  let variants: readonly string[];

  beforeAll(async () => {
    const environment = { RINGBACK_ACCESS_TOKENS: 'app:t0ken:trigger', ...environmentOf(START) };
    const speed = { PORT: '0', RINGBACK_SHUTDOWN_DELAY_MS: '0', RINGBACK_DRAIN_MS: '0' };
    node = await HubNode.start(readConfig({ ...environment, ...speed }), log);
    [token = '', ...variants] = run(SIGN, VARIANTS);
  });

  afterAll(() => node.stop(Promise.resolve()));

  /** The answer to the request of the page with this token. */
  function ask(shown: string): Promise<Response> {
    const [, method = '', path = ''] = /curl -X (\S+) http:\/\/[^/]+(\S+)/.exec(ASK) ?? [];
    const headers = [...ASK.matchAll(/-H ['"]([^:]+): ([^'"]+)['"]/g)].map(
      ([, name = '', value = '']): [string, string] => [name, value.replace('$TOKEN', shown)],
    );
    const [, body = ''] = /-d (\S+)/.exec(ASK) ?? [];
    return fetch(node.url + path, { method, headers, body });
  }

  it('has examples that are all tried here', () => {
    expect(MORE).toEqual([]);
  });

  it('shows a token that may trigger', async () => {
    expect((await ask(token)).status).toBe(202);
  });

  it('leaves the tokens of the list good', async () => {
    expect((await ask('t0ken')).status).toBe(202);
  });

  it('lets nobody in whose token is altered, over, or not signed with the secret', async () => {
    const [signedOtherwise = '', over = ''] = variants;
    for (const bad of [`${token.slice(0, -8)}AAAAAAAA`, signedOtherwise, over, 'unknown', ''])
      expect((await ask(bad)).status).toBe(401);
  });

  it('refuses what the rights of a token do not name, whatever it is called', async () => {
    const [, , other = '', elsewhere = '', named = ''] = variants;
    for (const each of [other, elsewhere]) expect((await ask(each)).status).toBe(403);
    expect((await ask(named)).status).toBe(202);
  });

  it('logs no token', () => {
    expect(JSON.stringify(log.lines)).not.toContain(token.slice(0, 20));
  });

  it('shows what is set for an issuer', () => {
    expect(readConfig(environmentOf(ISSUER)).jwt).toEqual({
      keys: 'https://id.example/realms/shop/protocol/openid-connect/certs',
      issuers: ['https://id.example/realms/shop'],
      audiences: ['https://hub.example'],
      maxLifeMs: 86_400_000,
      rightsClaim: 'ringback',
    });
  });
});
