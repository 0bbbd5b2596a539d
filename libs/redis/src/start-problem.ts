import { HubError } from '@ringback/contract';
import { isIP } from 'node:net';
import type { RedisAddress } from './url-parts.js';

type Coded = Error & { readonly code?: unknown };

/** What Redis, or the network before it, said; each in the words with which it begins or in which it is recognised. */
type Sentence = (where: string, said: string) => string;

const REPLIES: readonly (readonly [pattern: RegExp, sentence: Sentence])[] = [
  [
    /^NOAUTH\b/,
    (where) =>
      `Redis at ${where} asks for a password (NOAUTH), and the URL has none; put it there, percent-encoded.`,
  ],
  [
    /^WRONGPASS\b/,
    (where, said) =>
      `Redis at ${where} refuses the user or password (${said}); correct them in the URL, with characters like @ : / # ? % percent-encoded.`,
  ],
  [
    /^OOM\b/,
    (where, said) =>
      `Redis at ${where} is full (${said}); give it more memory, or remove what is not needed.`,
  ],
  [
    /^READONLY\b/,
    (where, said) =>
      `Redis at ${where} is a replica (${said}); name its master, or the sentinels or servers that know it.`,
  ],
  [
    /^NOPERM\b/,
    (where, said) => `Redis at ${where} denies a right that is needed (${said}); see docs/operations.md.`,
  ],
  [
    /cluster support disabled/,
    (where, said) => `Redis at ${where} is no Redis Cluster (${said}); name one server, without a comma.`,
  ],
  [
    /^(MOVED|CLUSTERDOWN|ASK)\b/,
    (where, said) =>
      `Redis at ${where} is a Redis Cluster (${said}); name several of its servers, separated by commas, or one of them twice.`,
  ],
];

const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|INVALID_CA|HOSTNAME_MISMATCH)/;
const NO_TLS = /^(EPROTO|ERR_SSL_)/;
/** Message of the error of a cluster that answers and does not become ready. */
export const NOT_WHOLE = 'The cluster does not become ready';

const CUT_OFF = /^(ECONNRESET|EPIPE|Connection is closed|None of startup nodes)/;
const UNRESOLVED = /^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/;

/**
 * The error with which a start ends, in one sentence with what Redis or the network said. `internal` for what whoever starts it has to mend,
 * `relay-unavailable` where Redis may only be away.
 */
export function startProblem(error: unknown, address: RedisAddress): HubError {
  if (error instanceof HubError && error.code === 'internal') return error;
  const reason = reasonOf(error);
  const where = describeAddress(address);
  const sentence = refusal(reason, where) ?? certificate(reason, where) ?? unresolved(reason, where);
  if (sentence !== undefined) return new HubError('internal', sentence, { cause: error });
  const silent = unmastered(reason, address) ?? silence(reason, where, address);
  return new HubError('relay-unavailable', silent, { cause: error });
}

/** The hosts and ports of an address, without anything secret. */
function describeAddress({ servers, sentinel }: RedisAddress): string {
  const hosts = describeHosts(servers);
  return sentinel ? `the master ${JSON.stringify(sentinel.name)} of the sentinels ${hosts}` : hosts;
}

function describeHosts(servers: RedisAddress['servers']): string {
  return servers.map(({ host, port }) => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`).join(', ');
}

/** The innermost error that there is: those around it say only that something failed. */
function reasonOf(error: unknown): Coded {
  if (!isError(error)) return new Error(String(error));
  const inner = 'lastNodeError' in error ? error.lastNodeError : error instanceof HubError && error.cause;
  return isError(inner) ? reasonOf(inner) : error;
}

/** Those of Node's own parts are of another class where modules are isolated. */
function isError(value: unknown): value is Coded {
  return typeof value === 'object' && value !== null && 'message' in value;
}

function refusal(reason: Error, where: string): string | undefined {
  if (reason.name !== 'ReplyError') return undefined;
  const said = firstSentence(reason.message);
  const [, sentence] = REPLIES.find(([pattern]) => pattern.test(reason.message)) ?? [];
  return sentence?.(where, said) ?? `Redis at ${where} refuses what is needed (${said}).`;
}

/** Redis explains some refusals in a paragraph. */
function firstSentence(message: string): string {
  return message.split(/\.\s|[\r\n]/)[0]?.replace(/\.$/, '') ?? '';
}

function certificate({ code }: Coded, where: string): string | undefined {
  if (typeof code !== 'string' || !CERTIFICATE.test(code)) return undefined;
  return `The certificate of Redis at ${where} is not trusted (${code}); name the file of its CA in NODE_EXTRA_CA_CERTS, and the host as the certificate does.`;
}

function unresolved(reason: Coded, where: string): string | undefined {
  const { code } = reason;
  if (typeof code !== 'string' || !UNRESOLVED.test(code)) return undefined;
  const host = 'hostname' in reason ? String(reason.hostname) : where;
  return `The name ${host} of Redis cannot be resolved (${code}); correct it.`;
}

function silence(reason: Coded, where: string, { options }: RedisAddress): string {
  const said = typeof reason.code === 'string' ? reason.code : firstSentence(reason.message);
  if (options.tls && (NO_TLS.test(said) || CUT_OFF.test(said) || said === 'ETIMEDOUT'))
    return `Redis does not answer over TLS at ${where} (${said}); where it speaks plain text, the URL has to begin with redis://.`;
  if (!options.tls && CUT_OFF.test(said))
    return `Redis at ${where} hangs up (${said}); where it speaks TLS, the URL has to begin with rediss://.`;
  if (said === NOT_WHOLE)
    return `The Redis Cluster at ${where} is not whole (CLUSTERDOWN); see that its cluster_state becomes ok.`;
  return `Redis does not answer at ${where} (${said}); start it, or correct the address.`;
}

/** What the client library says when no sentinel has named the master. */
const NO_MASTER = /^All sentinels are unreachable and retry is disabled\.(?: Last error: (.*))?$/;
const UNKNOWN_MASTER = /^ERR No such master/;

function unmastered({ message }: Error, { servers, sentinel }: RedisAddress): string | undefined {
  const [known, said] = NO_MASTER.exec(message) ?? [];
  if (known === undefined) return undefined;
  const hosts = describeHosts(servers);
  return said === undefined || UNKNOWN_MASTER.test(said)
    ? `No sentinel at ${hosts} knows a master ${JSON.stringify(sentinel?.name)}; correct its name.`
    : `No sentinel at ${hosts} tells where the master is (${CUT_OFF.test(said) ? 'no answer' : firstSentence(said)}); start them, or correct their addresses or sentinel_password.`;
}
