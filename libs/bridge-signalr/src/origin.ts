import type { Position } from '@ringback/contract';

/** Where an envelope was first triggered, as it travels over bridges. */
export function originOf(clusterId: string, { epoch, offset }: Position): string {
  return `${clusterId}/${epoch}:${offset}`;
}

/** The cluster that an origin names; empty where it names none. */
export function clusterOf(origin: string): string {
  return origin.slice(0, Math.max(0, origin.indexOf('/')));
}
