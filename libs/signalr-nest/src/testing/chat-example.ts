import { Body, Controller, HttpCode, Inject, Injectable, Module, Post } from '@nestjs/common';
import {
  AccessDenied,
  SignalRServer,
  typedClients,
  type ArgumentCheck,
  type RequestFacts,
} from '@ringback/signalr';
import { HubMethod, SignalRHub, SignalRModule, type TypedHubContext } from '../index.js';

const isText: ArgumentCheck<string> = (value) => typeof value === 'string';

/** What clients of the chat can be told. */
interface ChatClient {
  said(who: string, text: string): void;
}

@Injectable()
export class Guestbook {
  readonly guests: string[] = [];
}

@SignalRHub('/chat')
@Injectable()
class ChatHub {
  constructor(private readonly guestbook: Guestbook) {}

  @HubMethod({ args: [isText, isText] })
  async say(context: TypedHubContext<ChatClient>, room: string, text: string): Promise<number> {
    await context.clients.group(room).send('said', context.userId ?? '', text);
    return text.length;
  }

  @HubMethod({ args: [isText] })
  join({ groups, connectionId }: TypedHubContext, room: string): Promise<boolean> {
    return groups.add(connectionId, room);
  }

  onConnected({ userId = '' }: TypedHubContext): void {
    this.guestbook.guests.push(userId);
  }
}

@Controller('announcements')
class AnnouncementsController {
  constructor(@Inject(SignalRServer) private readonly server: SignalRServer) {}

  @Post()
  @HttpCode(204)
  async announce(@Body() { text }: { readonly text: string }): Promise<void> {
    const chat = this.server.hubAt('/chat');
    if (chat) await typedClients<ChatClient>(chat.clients).all.send('said', 'everybody', text);
  }
}

/** Looks up who comes; here the token is the name. */
const authenticate = async ({ bearerToken }: RequestFacts): Promise<string> => {
  if (bearerToken === undefined) throw new AccessDenied(401);
  return bearerToken;
};

@Module({
  imports: [SignalRModule.forRoot({ authenticate })],
  controllers: [AnnouncementsController],
  providers: [ChatHub, Guestbook],
})
export class ChatModule {}
