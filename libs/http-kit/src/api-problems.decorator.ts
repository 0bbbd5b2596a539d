import { HubError, type ErrorCode } from '@ringback/contract';
import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ProblemDto } from './problem.dto.js';
import { HTTP_ERRORS } from './http-errors.js';
import { PROBLEM_TYPE, problemDetails, problemHeaders } from './problem-details.js';

/** Any request that goes to the hub may meet these. */
const EVERYWHERE: readonly ErrorCode[] = [
  'bad-request',
  'unauthorized',
  'forbidden',
  'relay-unavailable',
  'cluster-refuses-writes',
  'draining',
  'internal',
];

/** Describes the errors of an operation: those named, and those that every operation has. */
export function ApiProblems(...codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator {
  const all = [...new Set([...codes, ...EVERYWHERE])];
  const statuses = new Set(all.map((code) => HTTP_ERRORS[code].status));
  const responses = [...statuses].map((status) =>
    problemResponse(
      status,
      all.filter((code) => HTTP_ERRORS[code].status === status),
    ),
  );
  return applyDecorators(ApiExtraModels(ProblemDto), ...responses);
}

function problemResponse(status: number, codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator {
  const examples = Object.fromEntries(
    codes.map((code) => [code, { value: problemDetails(new HubError(code)) }]),
  );
  return ApiResponse({
    status,
    description: codes.join(', '),
    headers: headersOf(codes),
    content: { [PROBLEM_TYPE]: { schema: { $ref: getSchemaPath(ProblemDto) }, examples } },
  });
}

function headersOf(codes: readonly ErrorCode[]): Record<string, { schema: { type: 'string' } }> {
  const names = codes.flatMap((code) => Object.keys(problemHeaders(code)));
  const described = new Set(names.filter((name) => name !== 'Content-Type'));
  return Object.fromEntries([...described].map((name) => [name, { schema: { type: 'string' as const } }]));
}
