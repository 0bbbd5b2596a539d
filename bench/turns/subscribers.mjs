// The clients of a hub, in a process of their own: Socket.IO connections by hand, each with so many subscriptions. Obeys its parent:
// come, leave (unsubscribe from all), tell. Arguments: URL, connections, subscriptions of each, name of an event that all share ('' for none).
import { WebSocket } from 'ws';

const [url = '', connections = '1', each = '1', shared = ''] = process.argv.slice(2);
/** Below what pauses a connection. */
const IN_FLIGHT = 100;
const OPENED_AT_ONCE = 200;

/** One connection, and what it has been told. */
class Client {
  deliveries = 0;
  #number = 0;
  /** @type {(message: string) => void} */
  #take = () => undefined;

  /** @param {number} index */
  constructor(index) {
    this.eventguids = Array.from({ length: Number(each) }, (_, event) => shared || `own-${index}-${event}`);
  }

  /** Resolves once it has subscribed to all of its events. */
  async come() {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
    });
    this.socket.on('error', () => undefined); // it closes, too
    await new Promise((resolve) => {
      this.socket?.on('message', (bytes) => {
        const message = /** @type {Buffer} */ (bytes).toString('latin1');
        if (message === '2') this.socket?.send('3');
        else if (message.startsWith('42')) this.deliveries++;
        else if (message.startsWith('43')) this.#take(message);
        else if (message.startsWith('40')) resolve(undefined);
        else if (message.startsWith('0')) this.socket?.send('40');
      });
    });
    await this.#ask(
      this.eventguids.map((eventguid) => JSON.stringify(['SubscribeToEvent', eventguid, 'cookie'])),
    );
  }

  leave() {
    return this.#ask(this.eventguids.map((eventguid) => JSON.stringify(['UnsubscribeFromEvent', eventguid])));
  }

  /** Resolves once all have been done. @param {readonly string[]} commands */
  async #ask(commands) {
    /** Whose answer is awaited, by the number of the acknowledgement. @type {Map<number, string>} */
    const awaited = new Map();
    const waiting = commands.toReversed();
    await new Promise((resolve) => {
      const send = () => {
        while (awaited.size < IN_FLIGHT && waiting.length > 0) {
          const command = /** @type {string} */ (waiting.pop());
          awaited.set(++this.#number, command);
          this.socket?.send(`42${this.#number}${command}`);
        }
        if (awaited.size === 0) resolve(undefined);
      };
      this.#take = (message) => {
        const number = Number.parseInt(message.slice(2), 10);
        // Redis may not answer in time on a busy machine.
        if (message.includes('"ok":false')) waiting.unshift(awaited.get(number) ?? '');
        awaited.delete(number);
        send();
      };
      send();
    });
  }
}

const clients = Array.from({ length: Number(connections) }, (_, index) => new Client(index));

async function come() {
  for (let start = 0; start < clients.length; start += OPENED_AT_ONCE)
    await Promise.all(clients.slice(start, start + OPENED_AT_ONCE).map((client) => client.come()));
}

/** @typedef {'come' | 'leave' | 'tell'} Order */

/** @type {Record<Order, () => Promise<unknown>>} */
const orders = {
  come,
  leave: () => Promise.all(clients.map((client) => client.leave())),
  tell: async () => undefined,
};

/** @param {Order} order */
async function obey(order) {
  await orders[order]();
  process.send?.({ deliveries: clients.reduce((sum, { deliveries }) => sum + deliveries, 0) });
}

process.on('message', (/** @type {Order} */ order) => {
  obey(order).catch((/** @type {unknown} */ error) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit());
