import { jest } from '@jest/globals';

// Under ES modules jest does not put itself on the global object; some libraries look for it there.
globalThis.jest = jest;
jest.setTimeout(globalThis.testTimeoutMs);
