import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { PAGE_LIMIT } from './page.pipe.js';

/** Describes the query of a paged list. */
export function ApiPaged(): MethodDecorator {
  const { min, max } = PAGE_LIMIT;
  const schema = { type: 'integer' as const, minimum: min, maximum: max, default: PAGE_LIMIT.default };
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
