// The peer: what a straightforward build on Socket.IO does. Emits to each socket, with its own cookie.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
/** @type {Map<import('socket.io').Socket, string>} */
const cookies = new Map();
let offset = 0;

io.on('connection', (socket) => {
  socket.on('disconnect', () => cookies.delete(socket));
  socket.on('SubscribeToEvent', (_eventguid, cookie, answer) => {
    cookies.set(socket, cookie);
    answer({ ok: true });
  });
  socket.on('TriggerEvent', (eventguid, data, answer) => {
    const meta = { position: `epoch:${++offset}`, time: Date.now() };
    for (const [subscriber, cookie] of cookies)
      subscriber.emit('ReceiveEvent', eventguid, cookie, data, meta);
    answer({ ok: true });
  });
});

http.on('request', (request, response) => {
  if (request.url === '/health/ready') response.end('{}');
});
http.listen(Number(process.env['PORT']), '127.0.0.1');
