import { describe, expect, it } from '@jest/globals';
import { jsonProtocol, messagePackProtocol } from '../protocols/index.js';
import { bind } from './binding.js';
import { checkedMethod, defineHub } from './index.js';

const isText = (value: unknown): value is string => typeof value === 'string';
const hub = defineHub({ methods: { Pair: checkedMethod([isText, isText], () => 1) } });
const hint =
  'Make sure that the types of the provided values match the types of the hub method being invoked.';

describe('an argument of the wrong type', () => {
  it.each([
    [jsonProtocol, [1, 'b'], 'Error binding arguments.'],
    [jsonProtocol, ['a', 2], 'Error binding arguments.'],
    [messagePackProtocol, [1, 'b'], 'Error binding argument 1.'],
    [messagePackProtocol, ['a', 2], 'Error binding argument 2.'],
    [messagePackProtocol, [1, 2], 'Error binding argument 1.'],
  ] as const)('is refused as clients of $name know it, for %j: %s', (protocol, args, text) => {
    const call = { type: 'invocation', target: 'pair', args } as const;
    const refusal = "Failed to invoke 'pair' due to an error on the server.";
    expect(bind(hub, call, protocol, true)).toBe(`${refusal} InvalidDataException: ${text} ${hint}`);
    expect(bind(hub, call, protocol, false)).toBe(refusal);
  });
});
