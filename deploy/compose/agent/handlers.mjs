/** @param {{ readonly RootId: string, readonly data: string }} ticket */
export function Alarm(ticket) {
  console.log('alarm for', ticket.RootId, ticket.data);
}
