import { HubError, type ErrorCode } from '@ringback/contract';

/** What Nest's and Fastify's own refusals mean here; any other status below 500 is a bad request. */
const CODES = new Map<number, ErrorCode>([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [405, 'method-not-allowed'],
  [413, 'data-too-large'],
  [415, 'unsupported-media-type'],
]);

const MESSAGES = new Map<number, string>([
  [400, 'The request is malformed.'],
  [404, 'There is no such path.'],
  [413, 'The request is longer than the hub accepts.'],
  [415, 'The Content-Type header is not a media type.'],
]);

/** An error of whatever origin as a `HubError`, without the words of the framework. */
export function toHubError(error: unknown): unknown {
  if (error instanceof HubError) return error;
  const status = statusOf(error);
  if (status === undefined || status >= 500) return error;
  return new HubError(CODES.get(status) ?? 'bad-request', MESSAGES.get(status), { cause: error });
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  const found = statusCode ?? status ?? (error as { getStatus?: () => unknown }).getStatus?.();
  return typeof found === 'number' && found >= 400 ? found : undefined;
}
