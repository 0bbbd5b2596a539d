import { checkedMethod, type HubDefinition } from '@ringback/signalr';
import { isText } from './argument-checks.js';
import { InvalidOperationException } from './invalid-operation-exception.js';

/** Only for those who bring a token. */
export const authorizedHub: HubDefinition = {
  methods: { Echo: checkedMethod([isText], (_, message) => message) },
};

/** A hub that nobody gets into: the text is what the suite expects of a hub whose constructor cannot be called. */
export const uncreatableHub: HubDefinition = {
  methods: {},
  onConnected: () => {
    throw new InvalidOperationException(
      "Unable to resolve service for type 'System.Object' while attempting to activate 'FunctionalTests.UncreatableHub'.",
    );
  },
};
