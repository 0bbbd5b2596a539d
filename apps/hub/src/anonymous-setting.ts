import { InvalidRightsError, parseAnonymousRights, type AnonymousRights } from '@ringback/access-rights';
import { InvalidSettingError, StartupError, type Setting } from '@ringback/settings';

type Doc = Pick<Setting<unknown>, 'doc' | 'absent'>;

/** What clients without a token may do, gateway by gateway. */
export function anonymousRights(doc: Doc): Setting<AnonymousRights> {
  return {
    ...doc,
    allowed:
      'JSON with rights by gateway, like {"*":{"subscribe":["order-*"]}}, where * is every gateway that is not named',
    parse: (text) => {
      try {
        return parseAnonymousRights(parseJson(text));
      } catch (error) {
        if (error instanceof InvalidRightsError)
          throw new InvalidSettingError(`has rights that are none (${error.message})`);
        throw error;
      }
    },
  };
}

/** Throws `StartupError` for a gateway that there is none of: its rights would hold for nobody. */
export function assertKnownGateways(rights: AnonymousRights, gateways: readonly string[]): void {
  const unknown = Object.keys(rights).find((name) => name !== '*' && !gateways.includes(name));
  if (unknown !== undefined)
    throw new StartupError(
      `RINGBACK_ANONYMOUS names the gateway ${JSON.stringify(unknown)}, which there is none of; allowed is * or one of ${gateways.join(', ')}.`,
    );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidSettingError('is not JSON');
  }
}
