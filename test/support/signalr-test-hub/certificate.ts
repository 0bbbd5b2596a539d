import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const options = [
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:prime256v1',
  '-nodes',
  '-days',
  '2',
];
const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];

/** Writes a certificate for this machine that signs itself, and its key, into a folder; resolves with both file names. */
export const writeCertificate = async (
  folder: string,
): Promise<{ readonly certFile: string; readonly keyFile: string }> => {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const args = ['req', ...options, ...names, '-keyout', keyFile, '-out', certFile];
  await promisify(execFile)('openssl', args);
  return { certFile, keyFile };
};

/** The same as PEM; nothing stays on disk. */
export const makeCertificate = async (): Promise<{ readonly cert: string; readonly key: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'signalr-test-hub-'));
  try {
    const { certFile, keyFile } = await writeCertificate(folder);
    return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
};
