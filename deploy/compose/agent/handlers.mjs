/** @param {{ readonly RootId: string, readonly data: string }} ticket */
export function Alarm(ticket) {
  process.stdout.write(`alarm for ${ticket.RootId}: ${ticket.data}\n`);
}
