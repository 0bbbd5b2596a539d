import type { TurnBudget } from '@ringback/async';
import type { Socket } from 'node:net';

/**
 * Has those who listen for the end of the socket hear of it when there is time left in a turn of the event loop: at once, unless very many sockets end
 * together, as they do when a load balancer or a network is gone. To be called once the protocol reads the socket; who listens later is told at once.
 */
export function paceEnds(socket: Socket, turns: TurnBudget): void {
  const hearEnd = takeListeners(socket, 'end');
  const hearClose = takeListeners(socket, 'close');
  const end = (): void => {
    if (!socket.destroyed) hearEnd(); // else what counts is that it is closed
  };
  socket.on('end', () => void turns.each([socket], end));
  socket.on('close', (hadError: boolean) => void turns.each([socket], () => hearClose(hadError)));
}

function takeListeners(socket: Socket, event: 'end' | 'close'): (...args: readonly unknown[]) => void {
  const listeners = socket.rawListeners(event);
  socket.removeAllListeners(event);
  return (...args) => {
    for (const listener of listeners) Reflect.apply(listener, socket, args);
  };
}
