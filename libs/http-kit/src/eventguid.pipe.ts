import { parseEventGuid, type EventGuid } from '@ringback/contract';
import { Injectable, type PipeTransform } from '@nestjs/common';

/** An eventguid, checked. */
@Injectable()
export class EventGuidPipe implements PipeTransform<unknown, EventGuid> {
  transform(value: unknown): EventGuid {
    return parseEventGuid(value);
  }
}
