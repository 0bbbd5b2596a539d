import { ApiParam, ApiQuery } from '@nestjs/swagger';
import { CONNECTION_EXAMPLE, NAMED_EXAMPLE } from './dto/examples.js';

const SUBSCRIBER = { type: String, example: `c:${CONNECTION_EXAMPLE}` };
const DURABLE = { type: String, example: NAMED_EXAMPLE };
const CONNECTION = { type: String, example: CONNECTION_EXAMPLE };

const PERCENT_ENCODED = { description: 'Percent-encoded.' };

/** Describe what is named in a path. */
export const ApiSubscriber = (): MethodDecorator =>
  ApiParam({ name: 'subscriber', ...SUBSCRIBER, ...PERCENT_ENCODED });
export const ApiDurableSubscriber = (): MethodDecorator =>
  ApiParam({ name: 'subscriber', ...DURABLE, ...PERCENT_ENCODED });
export const ApiConnection = (): MethodDecorator => ApiParam({ name: 'connection', ...CONNECTION });

/** Describe what is named in a query. */
export const ApiSubscriberQuery = (): MethodDecorator => ApiQuery({ name: 'subscriber', ...SUBSCRIBER });
export const ApiDurableSubscriberQuery = (): MethodDecorator => ApiQuery({ name: 'subscriber', ...DURABLE });
export const ApiConnectionQuery = (): MethodDecorator => ApiQuery({ name: 'connection', ...CONNECTION });
