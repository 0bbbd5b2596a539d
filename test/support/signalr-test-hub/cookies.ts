/** The HTTP cookies that every negotiation sets, one of them long expired. Other sites send them only over TLS. */
export const negotiateCookies = (secure: boolean): readonly string[] => {
  const attributes = secure ? '; Path=/; Secure; SameSite=None' : '; Path=/';
  return [
    `testCookie=testValue${attributes}`,
    `testCookie2=testValue2${attributes}`,
    `expiredCookie=doesntmatter; Expires=Thu, 01 Jan 2015 00:00:00 GMT${attributes}`,
  ];
};

/** The value of one HTTP cookie in a `Cookie` header; null when it is not there. */
export const cookieOf = (header: string | undefined, name: string): string | null => {
  const start = `${name}=`;
  const found = header
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(start));
  return found?.slice(start.length) ?? null;
};
