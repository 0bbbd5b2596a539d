import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';

/** A gateway of the application's own: it has a path of its own and knows nothing of the hub. */
@WebSocketGateway({ path: '/chat' })
export class ChatGateway {
  @SubscribeMessage('say')
  say(@MessageBody() text: string): string {
    return `you said ${text}`;
  }
}
