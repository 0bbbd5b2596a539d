import { HubError, type DeliveryMeta, type Labels } from '@ringback/contract';

/** Words of a remote hub are logged up to here. */
const MOST_TEXT = 64;

/** The labels, without the origin. */
export function labelsOf({ type, contentType, source, id }: Labels): Labels {
  return {
    ...(type !== undefined && { type }),
    ...(contentType !== undefined && { contentType }),
    ...(source !== undefined && { source }),
    ...(id !== undefined && { id }),
  };
}

/** Throws `internal` where the answer to `DescribeHub` is none. */
export function clusterIdIn(answer: unknown): string {
  if (isRecord(answer) && typeof answer['clusterId'] === 'string') return answer['clusterId'];
  throw new HubError('internal', 'The remote hub does not say which cluster it is.');
}

/** What of the reason to close is logged. */
export function closeFields(reason: unknown): Readonly<Record<string, unknown>> {
  const { code, name } = isRecord(reason) ? reason : {};
  return {
    ...(typeof code === 'number' && { code }),
    ...(typeof name === 'string' && { reason: name.slice(0, MOST_TEXT) }),
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isMeta(value: unknown): value is DeliveryMeta {
  if (!isRecord(value) || typeof value['position'] !== 'string') return false;
  return ['origin', 'type', 'contentType', 'source', 'id'].every(
    (name) => value[name] === undefined || typeof value[name] === 'string',
  );
}
