import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Readiness, type ReadyStatus } from '@ringback/http-kit';

/** The part of a reply that is needed here. */
interface StatusReply {
  status(code: number): unknown;
}

/** For whoever has to decide on restarts and traffic. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether the process answers at all; if not, restart it.' })
  @ApiResponse({ status: 200 })
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether clients may be sent here: started, not draining, cluster reachable.' })
  @ApiResponse({ status: 200 })
  @ApiResponse({ status: 503 })
  ready(@Res({ passthrough: true }) reply: StatusReply): { readonly status: ReadyStatus } {
    const status = this.readiness.status();
    if (status !== 'ready') reply.status(503);
    return { status };
  }
}
