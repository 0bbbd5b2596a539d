import { InvalidRightsError, parseRights } from '@ringback/access-rights';
import type { GrantedAction, TokenGrant } from '@ringback/access-token';
import { HubError, parseSubscriberId } from '@ringback/contract';
import { InvalidSettingError, splitList, type Setting } from '@ringback/settings';

type Words = Pick<Setting<unknown>, 'doc' | 'absent' | 'secret'>;

/** Who bridges are at the hub that they run in: nobody else may be it, or could take their sessions. */
export const BRIDGES_NAME = 'bridges';

const ACTIONS: readonly GrantedAction[] = ['subscribe', 'trigger', 'operate'];

/** Problems name an entry by its number: the text around a mistake may be a token. */
export function accessTokens(words: Words): Setting<readonly TokenGrant[]> {
  return {
    ...words,
    allowed:
      'name:token:action+action, separated by commas, or JSON like [{"name":"app","token":"…","actions":["subscribe"]}], where an entry may have "rights" in place of "actions", also a "subscriberId", and "unmetered": true for a bridge',
    parse: (text) => {
      const tokens = text.trim().startsWith('[') ? parseJson(text) : splitList(text).map(parseCompact);
      if (tokens.length === 0) throw new InvalidSettingError('names nobody');
      const texts = new Set(tokens.map(({ token }) => token));
      if (texts.size < tokens.length) throw new InvalidSettingError('gives one token to two names');
      return tokens;
    },
  };
}

function parseJson(text: string): TokenGrant[] {
  const list = parseList(text);
  return list.map((item, index) => {
    const { name, token, actions, rights, subscriberId, unmetered, ...others } = (item ?? {}) as Record<
      string,
      unknown
    >;
    const [unknown] = Object.keys(others);
    // A misspelt subscriberId would leave the token free to be any subscriber.
    if (unknown !== undefined)
      throw wrongEntry(
        index,
        'has a key that is none of name, token, actions, rights, subscriberId, unmetered',
      );
    return Object.assign(
      checkHolder({ name, token }, index),
      rights === undefined ? checkActions(actions, index) : checkRights(rights, actions, index),
      checkSubscriber(subscriberId, index),
      checkUnmetered(unmetered, index),
    );
  });
}

function parseList(text: string): unknown[] {
  try {
    return JSON.parse(text) as unknown[];
  } catch {
    throw new InvalidSettingError('is not JSON');
  }
}

function parseCompact(part: string, index: number): TokenGrant {
  const [name, token, actions, ...rest] = part.split(':');
  if (rest.length > 0) throw wrongEntry(index, 'has more than three parts');
  return { ...checkHolder({ name, token }, index), ...checkActions(actions?.split('+'), index) };
}

function checkHolder(
  { name, token }: { readonly name: unknown; readonly token: unknown },
  index: number,
): Pick<TokenGrant, 'name' | 'token'> {
  if (typeof name !== 'string' || name === '') throw wrongEntry(index, 'has no name');
  if (name === BRIDGES_NAME)
    throw wrongEntry(index, `has the name ${BRIDGES_NAME}, which is that of bridges`);
  if (name === 'anonymous' || name.startsWith('sub:'))
    throw wrongEntry(index, 'has a name that is kept for others: anonymous, or one that begins with sub:');
  if (typeof token !== 'string' || token === '') throw wrongEntry(index, 'has no token');
  return { name, token };
}

function checkRights(rights: unknown, actions: unknown, index: number): Pick<TokenGrant, 'rights'> {
  if (actions !== undefined) throw wrongEntry(index, 'has both actions and rights');
  try {
    return { rights: parseRights(rights) };
  } catch (error) {
    if (!(error instanceof InvalidRightsError)) throw error;
    throw wrongEntry(index, `has rights that are none: ${error.message}`);
  }
}

function checkActions(actions: unknown, index: number): Pick<TokenGrant, 'actions'> {
  if (!Array.isArray(actions) || actions.length === 0) throw wrongEntry(index, 'has no actions');
  if (!actions.every(isAction))
    throw wrongEntry(index, `has an action that is none of ${ACTIONS.join(', ')}`);
  return { actions };
}

function checkSubscriber(subscriberId: unknown, index: number): Pick<TokenGrant, 'subscriberId'> {
  if (subscriberId === undefined) return {};
  try {
    return { subscriberId: parseSubscriberId(subscriberId) };
  } catch (error) {
    throw wrongEntry(index, `has a subscriberId that is none: ${HubError.from(error).message}`);
  }
}

function checkUnmetered(unmetered: unknown, index: number): Pick<TokenGrant, 'unmetered'> {
  if (unmetered === undefined) return {};
  if (typeof unmetered !== 'boolean') throw wrongEntry(index, 'has an unmetered that is no boolean');
  return { unmetered };
}

function isAction(value: unknown): value is GrantedAction {
  return ACTIONS.some((action) => action === value);
}

function wrongEntry(index: number, problem: string): InvalidSettingError {
  return new InvalidSettingError(`has an entry, number ${index + 1}, that ${problem}`);
}
