import type { GrantedAction } from '@ringback/access-token';
import { HubError, parseSubscriberId } from '@ringback/contract';
import { InvalidSettingError, splitList, type Setting } from '@ringback/settings';

/** Who holds a token, and what it opens. */
export interface AccessToken {
  readonly name: string;
  readonly token: string;
  readonly actions: readonly GrantedAction[];
  /** The only named subscriber that whoever shows the token may be. */
  readonly subscriberId?: string;
  /** Whether whoever shows the token may send as many commands a second as it likes, as bridges do. */
  readonly unmetered?: boolean;
}

type Words = Pick<Setting<unknown>, 'doc' | 'absent' | 'secret'>;

/** Who bridges are at the hub that they run in: nobody else may be it, or could take their sessions. */
export const BRIDGES_NAME = 'bridges';

const ACTIONS: readonly GrantedAction[] = ['subscribe', 'trigger', 'operate'];

/** Problems name an entry by its number: the text around a mistake may be a token. */
export function accessTokens(words: Words): Setting<readonly AccessToken[]> {
  return {
    ...words,
    allowed:
      'name:token:action+action, separated by commas, or JSON like [{"name":"app","token":"…","actions":["subscribe"]}], where an entry may also have a "subscriberId", and "unmetered": true for a bridge',
    parse: (text) => {
      const tokens = text.trim().startsWith('[') ? parseJson(text) : splitList(text).map(parseCompact);
      if (tokens.length === 0) throw new InvalidSettingError('names nobody');
      const texts = new Set(tokens.map(({ token }) => token));
      if (texts.size < tokens.length) throw new InvalidSettingError('gives one token to two names');
      return tokens;
    },
  };
}

function parseJson(text: string): AccessToken[] {
  const list = parseList(text);
  return list.map((item, index) => {
    const { name, token, actions, subscriberId, unmetered, ...others } = (item ?? {}) as Record<
      string,
      unknown
    >;
    const [unknown] = Object.keys(others);
    // A misspelt subscriberId would leave the token free to be any subscriber.
    if (unknown !== undefined)
      throw wrongEntry(index, 'has a key that is none of name, token, actions, subscriberId, unmetered');
    return Object.assign(
      check({ name, token, actions }, index),
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

function parseCompact(part: string, index: number): AccessToken {
  const [name, token, actions, ...rest] = part.split(':');
  if (rest.length > 0) throw wrongEntry(index, 'has more than three parts');
  return check({ name, token, actions: actions?.split('+') }, index);
}

function check(entry: { name: unknown; token: unknown; actions: unknown }, index: number): AccessToken {
  const { name, token, actions } = entry;
  if (typeof name !== 'string' || name === '') throw wrongEntry(index, 'has no name');
  if (name === BRIDGES_NAME)
    throw wrongEntry(index, `has the name ${BRIDGES_NAME}, which is that of bridges`);
  if (typeof token !== 'string' || token === '') throw wrongEntry(index, 'has no token');
  if (!Array.isArray(actions) || actions.length === 0) throw wrongEntry(index, 'has no actions');
  if (!actions.every(isAction))
    throw wrongEntry(index, `has an action that is none of ${ACTIONS.join(', ')}`);
  return { name, token, actions };
}

function checkSubscriber(subscriberId: unknown, index: number): Pick<AccessToken, 'subscriberId'> {
  if (subscriberId === undefined) return {};
  try {
    return { subscriberId: parseSubscriberId(subscriberId) };
  } catch (error) {
    throw wrongEntry(index, `has a subscriberId that is none: ${HubError.from(error).message}`);
  }
}

function checkUnmetered(unmetered: unknown, index: number): Pick<AccessToken, 'unmetered'> {
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
