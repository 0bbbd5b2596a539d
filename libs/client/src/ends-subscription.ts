/**
 * Whether the hub takes this cookie for the end of a subscription instead of a cookie, as its protocols for methods do by MDriven's rule: blank after
 * trimming, or `endsubscription` in any case.
 */
export function endsSubscription(cookie: string): boolean {
  return /^(endsubscription)?$/i.test(cookie.trim());
}
