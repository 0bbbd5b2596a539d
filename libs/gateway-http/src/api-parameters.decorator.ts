import { applyDecorators } from '@nestjs/common';
import { ApiParam, ApiQuery } from '@nestjs/swagger';
import { EVENTGUID_EXAMPLE } from './dto/examples.js';
import { PAGE_LIMIT } from './page.pipe.js';

/** Describes the eventguid in a path. */
export function ApiEventGuid(): MethodDecorator {
  return ApiParam({
    name: 'eventguid',
    type: String,
    example: EVENTGUID_EXAMPLE,
    description: 'Percent-encoded; 1–256 bytes of UTF-8 without control characters.',
  });
}

/** Describes the query of a paged list. */
export function ApiPaged(): MethodDecorator {
  const { least, most } = PAGE_LIMIT;
  const schema = { type: 'integer' as const, minimum: least, maximum: most, default: PAGE_LIMIT.default };
  return applyDecorators(
    ApiQuery({
      name: 'cursor',
      required: false,
      type: String,
      description: 'The `next` of the page before.',
    }),
    ApiQuery({ name: 'limit', required: false, schema, description: 'About how many items.' }),
  );
}
