import { ApiParam, ApiQuery } from '@nestjs/swagger';
import { EVENTGUID_EXAMPLE } from './examples.js';

/** Describes the eventguid in a path. */
export function ApiEventGuid(): MethodDecorator {
  return ApiParam({
    name: 'eventguid',
    type: String,
    example: EVENTGUID_EXAMPLE,
    description: 'Percent-encoded; 1–256 bytes of UTF-8 without control characters.',
  });
}

/** Describes the eventguid in a query. */
export function ApiEventGuidQuery(): MethodDecorator {
  return ApiQuery({
    name: 'eventguid',
    type: String,
    example: EVENTGUID_EXAMPLE,
    description: '1–256 bytes of UTF-8 without control characters.',
  });
}
