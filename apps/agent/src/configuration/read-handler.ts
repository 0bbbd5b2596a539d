import { resolve } from 'node:path';
import type { HandlerConfig } from '../handlers/handler-config.js';
import { problemOfTemplate } from '../handlers/url-template.js';
import type { ConfigValue } from './config-value.js';

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const;
const DAY_MS = 24 * 60 * 60_000;
const TIMEOUT_MS = 30_000;
/** Node's fetch waits no longer for an answer to begin. */
const LONGEST_CALL_MS = 300_000;

/** A handler: `url` or `module` says which kind. Modules are found from the directory of the file. */
export function readHandler(value: ConfigValue, directory: string): HandlerConfig {
  const fields = value.fields(['url', 'method', 'headers', 'secret', 'timeoutMs', 'module', 'export']);
  if (fields.url.isAbsent === fields.module.isAbsent) value.fail('has neither or both of url and module');
  return fields.module.isAbsent ? readHttp(fields) : readModule(fields, directory);
}

type Fields = Readonly<
  Record<'url' | 'method' | 'headers' | 'secret' | 'timeoutMs' | 'module' | 'export', ConfigValue>
>;

function readHttp(fields: Fields): HandlerConfig {
  if (!fields.export.isAbsent) fields.export.fail('belongs to a module');
  const url = fields.url.secret();
  const problem = problemOfTemplate(url);
  if (problem !== undefined) fields.url.fail(problem);
  return {
    kind: 'http',
    url,
    method: fields.method.oneOf(METHODS, 'POST'),
    headers: readHeaders(fields.headers),
    ...(!fields.secret.isAbsent && { secret: fields.secret.secret() }),
    timeoutMs: fields.timeoutMs.wholeNumber(TIMEOUT_MS, 1, LONGEST_CALL_MS),
  };
}

function readHeaders(value: ConfigValue): Readonly<Record<string, string>> {
  return Object.fromEntries(
    value.entries().map(([name, text]) => [name.toLowerCase(), readHeader(name, text)]),
  );
}

/** What is wrong is not shown: it may be a secret. */
function readHeader(name: string, value: ConfigValue): string {
  const text = value.secret();
  try {
    new Headers().set(name, text);
  } catch {
    value.fail('cannot be sent as a header');
  }
  return text;
}

function readModule(fields: Fields, directory: string): HandlerConfig {
  for (const field of [fields.method, fields.headers, fields.secret])
    if (!field.isAbsent) field.fail('belongs to a url');
  return {
    kind: 'module',
    path: resolve(directory, fields.module.text()),
    ...(!fields.export.isAbsent && { exportName: fields.export.text() }),
    timeoutMs: fields.timeoutMs.wholeNumber(TIMEOUT_MS, 1, DAY_MS),
  };
}
