import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Readiness, type ReadyReport } from '@ringback/http-kit';

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
  @ApiOperation({
    summary: 'Whether clients may be sent here: started, not draining, cluster reachable and taking writes.',
  })
  @ApiResponse({ status: 200 })
  @ApiResponse({
    status: 503,
    description: 'The status says why not, and the reason with which word Redis refuses writes.',
  })
  ready(@Res({ passthrough: true }) reply: StatusReply): ReadyReport {
    const report = this.readiness.report();
    if (report.status !== 'ready') reply.status(503);
    return report;
  }
}
