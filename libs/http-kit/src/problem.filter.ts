import { HubError } from '@ringback/contract';
import { Catch, type ArgumentsHost, type ExceptionFilter, type HttpServer } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import type { AllowedMethods } from './allowed-methods.js';
import { drainRequestBody } from './drain-request-body.js';
import type { ErrorReporter } from './error-reporter.js';
import { toHubError } from './framework-error.js';
import { problemDetails, problemHeaders } from './problem-details.js';
import type { RequestScope } from './request-scope.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** Answers the errors of requests in scope as problems, and leaves all others to Nest. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly others: BaseExceptionFilter;

  constructor(
    private readonly reporter: ErrorReporter,
    private readonly server: HttpServer,
    private readonly allowed: AllowedMethods,
    private readonly isInScope: RequestScope,
    private readonly proxies: TrustedProxies,
  ) {
    this.others = new BaseExceptionFilter(server);
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw exception;
    const http = host.switchToHttp();
    const request = rawRequest(http.getRequest<unknown>());
    if (this.isInScope(request.url ?? '')) this.respond(exception, request, http.getResponse<unknown>());
    else this.others.catch(exception, host); // oxlint-disable-line promise/valid-params -- a filter is no promise
  }

  private respond(exception: unknown, request: Partial<IncomingMessage>, response: unknown): void {
    const methods = this.otherMethods(request);
    const found = toHubError(exception);
    const error = this.reporter.reportError(isWrongMethod(found, methods) ? wrongMethod(methods) : found);
    if (this.server.isHeadersSent?.(response)) {
      this.server.end(response);
      return;
    }
    if (error.code === 'data-too-large' && drainRequestBody(request)) keepAlive(response);
    this.setHeaders(response, problemHeaders(error.code, methods));
    const prefix = this.proxies.publicPrefix(request as IncomingMessage);
    const problem = problemDetails(error, { prefix });
    this.server.reply(response, Buffer.from(JSON.stringify(problem)), problem.status); // of text Fastify would state a charset
  }

  /** The methods of the path if that of the request is not among them. */
  private otherMethods({ method, url = '' }: Partial<IncomingMessage>): readonly string[] {
    const methods = this.allowed.of(url);
    return method !== undefined && methods.includes(method) ? [] : methods;
  }

  private setHeaders(response: unknown, headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) this.server.setHeader?.(response, name, value);
  }
}

function rawRequest(request: unknown): Partial<IncomingMessage> {
  return (request as { raw?: IncomingMessage }).raw ?? (request as IncomingMessage);
}

/** Fastify wants to close the connection of a body that is too long. */
function keepAlive(response: unknown): void {
  (response as { removeHeader?: (name: string) => unknown }).removeHeader?.('connection');
}

function isWrongMethod(error: unknown, methods: readonly string[]): boolean {
  return methods.length > 0 && error instanceof HubError && error.code === 'not-found';
}

function wrongMethod(methods: readonly string[]): HubError {
  return new HubError('method-not-allowed', `The path has only ${methods.join(', ')}.`);
}
