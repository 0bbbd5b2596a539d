import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AllowedMethods } from './allowed-methods.js';
import type { ErrorReporter } from './error-reporter.js';
import { ProblemFilter } from './problem.filter.js';

/** From now on every error of the application leaves as `application/problem+json`. To be called before its routes are made. */
export function useProblemDetails(app: NestFastifyApplication, reporter: ErrorReporter): void {
  app.useGlobalFilters(new ProblemFilter(reporter, app.getHttpAdapter(), watchRoutes(app)));
}

function watchRoutes(app: NestFastifyApplication): AllowedMethods {
  const allowed = new AllowedMethods();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => allowed.add(route));
  return allowed;
}
