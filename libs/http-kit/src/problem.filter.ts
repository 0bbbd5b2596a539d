import { HubError } from '@ringback/contract';
import { Catch, type ArgumentsHost, type ExceptionFilter, type HttpServer } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { AllowedMethods } from './allowed-methods.js';
import { toHubError } from './framework-error.js';
import { problemHeaders, problemOf } from './problem-details.js';

/** Who counts and logs an error, and says what of it is told outside. */
export interface Faults {
  failed(error: unknown): HubError;
}

/** The longest body that is read only to be dropped. */
const DROPPED_BYTES = 16 * 1024 * 1024;

/** Answers every error of the server as a problem. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly faults: Faults,
    private readonly server: HttpServer,
    private readonly allowed: AllowedMethods,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw exception;
    const http = host.switchToHttp();
    this.answer(exception, http.getRequest<unknown>(), http.getResponse<unknown>());
  }

  private answer(exception: unknown, request: unknown, response: unknown): void {
    const methods = this.methods(request);
    const found = toHubError(exception);
    const error = this.faults.failed(isWrongMethod(found, methods) ? wrongMethod(methods) : found);
    if (this.server.isHeadersSent?.(response)) {
      this.server.end(response);
      return;
    }
    if (error.code === 'data-too-large') letFinish(request, response);
    this.headers(response, { ...problemHeaders(error.code), ...allowHeader(error, methods) });
    const problem = problemOf(error);
    this.server.reply(response, Buffer.from(JSON.stringify(problem)), problem.status); // of text Fastify would state a charset
  }

  private methods(request: unknown): readonly string[] {
    const { method, url = '' } = rawRequest(request);
    const methods = this.allowed.of(url);
    return method !== undefined && methods.includes(method) ? [] : methods;
  }

  private headers(response: unknown, headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) this.server.setHeader?.(response, name, value);
  }
}

function rawRequest(request: unknown): Partial<IncomingMessage> {
  return (request as { raw?: IncomingMessage }).raw ?? (request as IncomingMessage);
}

/**
 * Whoever is still sending would lose the answer if the connection closed under it, as Fastify wants: the rest of its body is
 * read and dropped, unless it announces too much or does not say how much.
 */
function letFinish(request: unknown, response: unknown): void {
  const raw = rawRequest(request);
  if (!(Number(raw.headers?.['content-length']) <= DROPPED_BYTES)) return;
  (response as { removeHeader?: (name: string) => unknown }).removeHeader?.('connection');
  raw.resume?.();
}

function isWrongMethod(error: unknown, methods: readonly string[]): boolean {
  return methods.length > 0 && error instanceof HubError && error.code === 'not-found';
}

function wrongMethod(methods: readonly string[]): HubError {
  return new HubError('method-not-allowed', `The path has only ${methods.join(', ')}.`);
}

function allowHeader(error: HubError, methods: readonly string[]): Readonly<Record<string, string>> {
  return error.code === 'method-not-allowed' ? { Allow: methods.join(', ') } : {};
}
