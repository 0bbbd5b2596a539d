import { LABEL_BYTES, RECEIPT_TIMEOUT } from '@ringback/contract';
import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery } from '@nestjs/swagger';
import { ApiEventGuid, EVENTGUID_EXAMPLE } from '@ringback/http-kit';

const text = (maxLength: number) => ({ type: 'string' as const, minLength: 1, maxLength });
const labels = {
  type: text(LABEL_BYTES.type),
  contentType: text(LABEL_BYTES.contentType),
  source: text(LABEL_BYTES.source),
  id: text(LABEL_BYTES.id),
  origin: text(LABEL_BYTES.origin),
  key: text(LABEL_BYTES.key),
};
const wait = {
  wait: { type: 'string' as const, enum: ['delivered'] },
  timeoutMs: {
    type: 'integer' as const,
    minimum: 1,
    maximum: RECEIPT_TIMEOUT.mostMs,
    default: RECEIPT_TIMEOUT.defaultMs,
  },
};
const options = { removeAfterSend: { type: 'boolean' as const, default: false }, ...labels, ...wait };

const EVENTGUID = {
  type: 'string' as const,
  example: EVENTGUID_EXAMPLE,
  description: 'Unless the path or the query says it.',
};

const JSON_BODY = {
  schema: {
    type: 'object' as const,
    additionalProperties: false,
    properties: {
      eventguid: EVENTGUID,
      data: { description: 'What is not a string travels as its JSON text.' },
      ...options,
    },
  },
  examples: {
    text: { value: { data: 'paid' } },
    labelled: { value: { data: { total: 12 }, type: 'com.example.order.paid', key: 'a-1' } },
    receipt: { value: { data: 'ready', wait: 'delivered', timeoutMs: 2000 } },
    once: { value: { data: 'ready', removeAfterSend: true } },
  },
};

const CLOUD_EVENT = {
  schema: {
    type: 'object' as const,
    required: ['specversion', 'id', 'source', 'type'],
    properties: {
      specversion: { type: 'string' as const, enum: ['1.0'] },
      id: labels.id,
      source: labels.source,
      type: labels.type,
      datacontenttype: labels.contentType,
      data: { description: 'Any JSON value.' },
      data_base64: { type: 'string' as const, format: 'byte' },
    },
  },
  example: {
    specversion: '1.0',
    id: 'a-1',
    source: '/shop',
    type: 'com.example.order.paid',
    datacontenttype: 'application/json',
    data: { total: 12 },
  },
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description: 'The same as `key`: a repeat within five minutes gets the first answer and is not kept again.',
  schema: labels.key,
};

const OPERATION = {
  tags: ['trigger'],
  description:
    'The data come as JSON, as text, as bytes, or as a CloudEvent 1.0: structured, or binary with any content type and the headers ce-specversion, ce-id, ce-source and ce-type. Options that the body does not say may stand in the query. With `wait` the answer comes once every node that was reached has said what became of it, or after `timeoutMs`.',
  requestBody: {
    required: false,
    content: {
      'application/json': JSON_BODY,
      'text/plain': { schema: { type: 'string' }, example: 'paid' },
      'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
      'application/cloudevents+json': CLOUD_EVENT,
    },
  },
} satisfies Parameters<typeof ApiOperation>[0];

/** Describes the one operation whose body comes in several forms. */
function ApiOperationOfTrigger(summary: string): MethodDecorator {
  const queries = Object.entries(options).map(([name, schema]) =>
    ApiQuery({ name, required: false, description: 'Unless the body says it.', schema }),
  );
  return applyDecorators(ApiOperation({ ...OPERATION, summary }), ...queries, ApiHeader(IDEMPOTENCY_KEY));
}

/** With the eventguid in the path. */
export function ApiTriggerByPath(): MethodDecorator {
  return applyDecorators(ApiOperationOfTrigger('Trigger an event'), ApiEventGuid());
}

/** With the eventguid in the body or the query. */
export function ApiTrigger(): MethodDecorator {
  return applyDecorators(
    ApiOperationOfTrigger('Trigger an event that the body or the query names'),
    ApiQuery({
      name: 'eventguid',
      required: false,
      description: 'Unless the JSON body says it.',
      schema: EVENTGUID,
    }),
  );
}
