import { describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { StartupError } from '@ringback/settings';
import { listen } from './listen.js';

/** An application whose server cannot be bound. */
function refusing(code: string): NestFastifyApplication {
  const error = Object.assign(new Error(`listen ${code}`), { code });
  return { listen: () => Promise.reject(error) } as unknown as NestFastifyApplication;
}

describe('listen', () => {
  it.each([
    [
      'EAFNOSUPPORT',
      '::',
      'HOST=:: needs IPv6, which this machine does not have; choose 0.0.0.0, or an address of IPv4.',
    ],
    [
      'EADDRINUSE',
      '127.0.0.1',
      'PORT=8080 is in use on 127.0.0.1; choose another, or stop what listens there.',
    ],
  ])('says in a sentence what %s means', async (code, host, sentence) => {
    const failure: unknown = await listen(refusing(code), { host, port: 8080 }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(StartupError);
    expect(failure).toHaveProperty('message', sentence);
  });

  it('passes on what it has no sentence for', async () => {
    const listening = listen(refusing('EBADF'), { host: '127.0.0.1', port: 8080 });
    await expect(listening).rejects.not.toBeInstanceOf(StartupError);
  });
});
