import { createHmac } from 'node:crypto';

/** When the request was made, in seconds since 1970. */
const TIMESTAMP_HEADER = 'ringback-timestamp';
/** `v1=` and the signature in hexadecimal digits. */
const SIGNATURE_HEADER = 'ringback-signature';

/** HMAC-SHA256 over timestamp, a dot and the body, as the headers of a request. */
export function signatureHeaders(
  secret: string,
  body: string,
  now: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1_000));
  const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: `v1=${digest}` };
}
