import type { BackplaneMessage, NodeAnswer, SendBetweenNodes, SendTarget } from '@ringback/signalr';

/** How a message says what it is. Never given a new meaning. */
const KINDS = { send: 0, membership: 1, invoke: 2, answer: 3 } as const;

type Fields = readonly unknown[];

/** The fields of a message in the order in which they travel. */
export function fieldsOf(message: BackplaneMessage): Fields {
  const head = [KINDS[message.type], message.hub, message.from];
  switch (message.type) {
    case 'send':
      return [...head, message.to, message.payloads];
    case 'membership':
      return [...head, message.requestId, message.connectionId, message.group, message.member];
    case 'invoke':
      return [...head, message.requestId, message.connectionId, message.target, message.args];
    default:
      return [...head, message.to, message.requestId, message.answer];
  }
}

/** The message that has these fields; `undefined` if there is none. Further fields are left alone. */
export function readMessage(value: unknown): BackplaneMessage | undefined {
  if (!Array.isArray(value)) return undefined;
  const [kind, hub, from, ...fields] = value as Fields;
  if (!isText(hub) || !isText(from)) return undefined;
  switch (kind) {
    case KINDS.send:
      return readSend({ hub, from }, fields);
    case KINDS.membership:
      return readMembership({ hub, from }, fields);
    case KINDS.invoke:
      return readInvoke({ hub, from }, fields);
    case KINDS.answer:
      return readAnswer({ hub, from }, fields);
    default:
      return undefined;
  }
}

type Head = Pick<BackplaneMessage, 'hub' | 'from'>;

function readSend(head: Head, [to, payloads]: Fields): BackplaneMessage | undefined {
  return isTarget(to) && isPayloads(payloads) ? { ...head, type: 'send', to, payloads } : undefined;
}

function readMembership(head: Head, fields: Fields): BackplaneMessage | undefined {
  const [requestId, connectionId, group, member] = fields;
  if (!isText(requestId) || !isText(connectionId) || !isText(group)) return undefined;
  if (typeof member !== 'boolean') return undefined;
  return { ...head, type: 'membership', requestId, connectionId, group, member };
}

function readInvoke(
  head: Head,
  [requestId, connectionId, target, args]: Fields,
): BackplaneMessage | undefined {
  if (!isText(requestId) || !isText(connectionId) || !isText(target)) return undefined;
  return Array.isArray(args) ? { ...head, type: 'invoke', requestId, connectionId, target, args } : undefined;
}

function readAnswer(head: Head, [to, requestId, answer]: Fields): BackplaneMessage | undefined {
  if (!isText(to) || !isText(requestId) || !isAnswer(answer)) return undefined;
  return { ...head, type: 'answer', to, requestId, answer };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isPayloads(value: unknown): value is SendBetweenNodes['payloads'] {
  return Array.isArray(value) && value.every(isPayload);
}

function isPayload(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [protocol, payload] = value as Fields;
  return isText(protocol) && (isText(payload) || payload instanceof Uint8Array);
}

function isTarget(value: unknown): value is SendTarget {
  const { kind, ids, names, except } = recordOf(value);
  switch (kind) {
    case 'all':
      return isTexts(except);
    case 'groups':
      return isTexts(names) && isTexts(except);
    case 'connections':
    case 'users':
      return isTexts(ids);
    default:
      return false;
  }
}

function isAnswer(value: unknown): value is NodeAnswer {
  const answer = recordOf(value);
  if (answer.kind === 'error' || answer.kind === 'failure') return isText(answer.error);
  return answer.kind === 'accepted' || (answer.kind === 'result' && 'result' in answer);
}

interface Named {
  readonly kind?: unknown;
  readonly ids?: unknown;
  readonly names?: unknown;
  readonly except?: unknown;
  readonly error?: unknown;
  readonly result?: unknown;
}

function recordOf(value: unknown): Named {
  return typeof value === 'object' && value !== null ? value : {};
}
