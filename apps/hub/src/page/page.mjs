import { connect } from './page/client.mjs';

const SHOWN = 200;

const byId = (id) => document.getElementById(id);

/** eventguid → { cookie, position, row } */
const subscriptions = new Map();
let token = '';
let received = 0;

const hub = connect({
  token: () => token,
  onOpen(nodeId) {
    byId('node-id').textContent = nodeId;
    byId('node-id').title = nodeId;
    showLink('connected', 'Connected');
    // A connection takes its subscriptions with it: go on where each of them was.
    for (const eventguid of subscriptions.keys()) resubscribe(eventguid);
  },
  onDown: () => showLink('connecting', 'Reconnecting'),
  onRefused: (message) => showLink('refused', message),
  onClosed: ({ message }) => showLink('refused', message),
  onEvent(eventguid, cookie, data, meta) {
    const subscription = subscriptions.get(eventguid);
    if (subscription) subscription.position = meta.position;
    if (meta.ended) forget(eventguid);
    showEvent(eventguid, cookie, data, meta);
  },
});

byId('subscribe').addEventListener('submit', (submit) => {
  submit.preventDefault();
  const form = new FormData(submit.target);
  const eventguid = form.get('eventguid').trim();
  subscribe(eventguid, form.get('cookie')).then(
    () => say('subscribe-answer', ''),
    complainIn('subscribe-answer'),
  );
});

byId('trigger').addEventListener('submit', (submit) => {
  submit.preventDefault();
  const form = new FormData(submit.target);
  trigger(form.get('eventguid').trim(), form.get('data'), form.has('once')).then(
    ({ subscribers, position }) => {
      const whom = subscribers === 1 ? '1 subscription' : `${subscribers} subscriptions`;
      say('trigger-answer', `Accepted for ${whom}, position ${position}`);
    },
    complainIn('trigger-answer'),
  );
});

byId('access').addEventListener('submit', (submit) => {
  submit.preventDefault();
  token = new FormData(submit.target).get('token').trim();
  showLink('connecting', 'Connecting');
  hub.reconnect();
});

byId('clear').addEventListener('click', () => {
  byId('log').replaceChildren();
  received = 0;
  showCount();
});

async function subscribe(eventguid, cookie, options = {}) {
  const reply = await hub.command('SubscribeToEvent', eventguid, cookie, options);
  if (reply.recovered === false) say('subscribe-answer', `Some of ${eventguid} was missed`, true);
  if (reply.ended) return forget(eventguid);
  // A blank cookie, or the word endsubscription, ends the subscription.
  if (reply.position === undefined) return forget(eventguid);
  const { row = addRow(eventguid), position } = subscriptions.get(eventguid) ?? {};
  row.querySelector('.cookie').textContent = cookie;
  subscriptions.set(eventguid, { cookie, row, position: position ?? reply.position });
  showKnown();
}

function resubscribe(eventguid) {
  const { cookie, position } = subscriptions.get(eventguid);
  subscribe(eventguid, cookie, { after: position }).catch(complainIn('subscribe-answer'));
}

async function unsubscribe(eventguid) {
  await hub.command('UnsubscribeFromEvent', eventguid);
  forget(eventguid);
}

async function trigger(eventguid, data, removeAfterSend) {
  const answer = await fetch('v1/trigger', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ eventguid, data, removeAfterSend }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail ?? `The hub answered ${answer.status}.`);
  return body;
}

function addRow(eventguid) {
  const row = copy('subscription-row');
  row.querySelector('.eventguid').textContent = eventguid;
  const end = row.querySelector('.end');
  end.setAttribute('aria-label', `Unsubscribe from ${eventguid}`);
  end.addEventListener('click', () => {
    unsubscribe(eventguid).catch(complainIn('subscribe-answer'));
  });
  byId('subscriptions').append(row);
  return row;
}

function forget(eventguid) {
  subscriptions.get(eventguid)?.row.remove();
  subscriptions.delete(eventguid);
  showKnown();
}

function showEvent(eventguid, cookie, data, meta) {
  const row = copy('event-row');
  const time = new Date(meta.time);
  row.querySelector('.eventguid').textContent = eventguid;
  row.querySelector('.cookie').textContent = cookie;
  row.querySelector('.position').textContent = meta.position;
  row.querySelector('.once').hidden = !meta.ended;
  row.querySelector('.gap').hidden = meta.recovered !== false;
  row.querySelector('time').dateTime = time.toISOString();
  row.querySelector('time').textContent = time.toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  });
  const shown = row.querySelector('.data');
  shown.textContent = data === '' ? 'no data' : data;
  shown.classList.toggle('none', data === '');
  byId('log').prepend(row);
  while (byId('log').childElementCount > SHOWN) byId('log').lastElementChild.remove();
  received += 1;
  showCount();
  ring();
}

function showCount() {
  byId('count').textContent = received;
  byId('clear').disabled = received === 0;
  byId('empty').hidden = received > 0;
  document.title = received > 0 ? `(${received}) Ringback` : 'Ringback';
}

function showKnown() {
  const options = [...subscriptions.keys()].map((eventguid) => new Option(eventguid, eventguid));
  byId('known').replaceChildren(...options);
}

function showLink(state, text) {
  byId('link').dataset.state = state;
  byId('link-state').textContent = text;
  byId('node').hidden = state !== 'connected';
}

function ring() {
  document.body.classList.remove('ringing');
  requestAnimationFrame(() => document.body.classList.add('ringing'));
}

function say(id, text, wrong = false) {
  byId(id).textContent = text;
  byId(id).classList.toggle('wrong', wrong);
}

function complainIn(id) {
  return (error) => say(id, error.message, true);
}

function copy(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}
