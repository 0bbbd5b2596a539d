import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AllowedMethods } from './allowed-methods.js';
import { ProblemFilter, type Faults } from './problem.filter.js';

/** From now on every error of the application leaves as `application/problem+json`. To be called before its routes are made. */
export function answerProblems(app: NestFastifyApplication, faults: Faults): void {
  app.useGlobalFilters(new ProblemFilter(faults, app.getHttpAdapter(), watchRoutes(app)));
}

function watchRoutes(app: NestFastifyApplication): AllowedMethods {
  const allowed = new AllowedMethods();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => allowed.add(route));
  return allowed;
}
