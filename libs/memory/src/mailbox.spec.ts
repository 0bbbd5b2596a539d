import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { parseEventGuid } from '@ringback/contract';
import { Mailbox } from './mailbox.js';

const eventguid = parseEventGuid('event');
const listener = { onEnvelope() {}, onRemoved() {}, onPresence() {}, onDoubt() {}, onFailover() {} };

describe('Mailbox', () => {
  it('drops what waits for an event that is unfollowed, though it is followed again', async () => {
    const mailbox = new Mailbox();
    const heard: string[] = [];
    mailbox.listen(listener);
    mailbox.follow(eventguid);
    expect(mailbox.post(eventguid, () => heard.push('before'))).toBe(true);
    mailbox.unfollow(eventguid);
    expect(mailbox.post(eventguid, () => heard.push('meanwhile'))).toBe(false);
    mailbox.follow(eventguid);
    mailbox.post(eventguid, () => heard.push('after'));
    await waitFor(() => heard.length > 0, 'the message');
    expect(heard).toEqual(['after']);
  });

  it('hands over in order what is posted while it hands over', async () => {
    const mailbox = new Mailbox();
    const heard: number[] = [];
    mailbox.listen(listener);
    mailbox.follow(eventguid);
    mailbox.post(eventguid, () => {
      heard.push(1);
      mailbox.post(eventguid, () => heard.push(3));
    });
    mailbox.post(eventguid, () => heard.push(2));
    await waitFor(() => heard.length === 3, 'all messages');
    expect(heard).toEqual([1, 2, 3]);
  });
});
