import type { HubProtocol } from '../protocols/hub-protocol.js';
import type { Invocation, StreamInvocation } from '../protocols/messages.js';
import type { Hub, KnownMethod } from './hub-definition.js';
import { errorTexts, unknownMethod, withDetails, wrongArity, wrongType, wrongUploads } from './hub-errors.js';

/** A call as it came in. */
export type Call = Invocation | StreamInvocation;

const checkArguments = (known: KnownMethod, args: readonly unknown[], protocol: HubProtocol): void => {
  if (args.length !== known.arity) throw wrongArity(args.length, known.arity);
  const wrong = known.checks.findIndex((check, index) => !check(args[index]));
  if (wrong >= 0) throw wrongType(protocol.name, wrong);
};

/** Finds the method of a call and checks its arguments; or the text that its caller is told instead. */
export const bind = (
  hub: Hub,
  call: Call,
  protocol: HubProtocol,
  detailedErrors: boolean,
): KnownMethod | string => {
  try {
    const known = hub.methods.get(call.target.toLowerCase());
    if (known === undefined) throw unknownMethod();
    checkArguments(known, call.args, protocol);
    return known;
  } catch (error) {
    return withDetails(errorTexts.failedToInvoke(call.target), error, detailedErrors);
  }
};

/** Why a method cannot be called in this way, if so. */
export const wrongMode = (known: KnownMethod, call: Call): string | undefined => {
  const asStream = call.type === 'stream-invocation';
  if (known.streams && !asStream) return errorTexts.needsStreaming(call.target);
  if (!known.streams && asStream) return errorTexts.needsNoStreaming(call.target);
  const sent = call.streamIds?.length ?? 0;
  if (sent === known.uploads) return undefined;
  return withDetails(errorTexts.unexpected(call.target), wrongUploads(sent, known.uploads), true);
};
