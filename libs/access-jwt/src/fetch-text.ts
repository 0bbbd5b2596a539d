/** What one request may cost. */
export interface FetchLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * The text behind a URL. Rejects if it is not there whole within the time, is longer than allowed, or if the answer is anything but 200: a redirect would let
 * whoever can write one there choose the keys.
 */
export async function fetchText(url: string, { timeoutMs, maxBytes }: FetchLimits): Promise<string> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { Accept: 'application/jwk-set+json, application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`The status of the answer is ${response.status} and not 200.`);
  }
  return readText(response.body ?? [], maxBytes);
}

/** What is beyond the limit is not read: leaving the loop closes the stream. */
async function readText(
  body: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  maxBytes: number,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.byteLength;
    if (bytes > maxBytes) throw new Error(`The answer is longer than ${maxBytes} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
