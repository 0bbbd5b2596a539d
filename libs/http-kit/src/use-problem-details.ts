import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AllowedMethods } from './allowed-methods.js';
import type { ErrorReporter } from './error-reporter.js';
import { ProblemFilter } from './problem.filter.js';
import { requestScope, type RequestScope } from './request-scope.js';
import { TrustedProxies } from './trusted-proxies.js';

/** From now on every error of a request in scope leaves as `application/problem+json`. To be called before the routes are made, once. */
export function useProblemDetails(
  app: NestFastifyApplication,
  reporter: ErrorReporter,
  isInScope: RequestScope = requestScope(undefined),
  proxies = new TrustedProxies(),
): void {
  app.useGlobalFilters(
    new ProblemFilter(reporter, app.getHttpAdapter(), watchRoutes(app), isInScope, proxies),
  );
}

function watchRoutes(app: NestFastifyApplication): AllowedMethods {
  const allowed = new AllowedMethods();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => allowed.add(route));
  return allowed;
}
