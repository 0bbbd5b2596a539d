/** Which events are meant: exact eventguids, or beginnings that end with `*`. */
export class Patterns {
  private readonly exact = new Set<string>();
  private readonly beginnings: string[] = [];

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      if (pattern.endsWith('*')) this.beginnings.push(pattern.slice(0, -1));
      else this.exact.add(pattern);
    }
  }

  match(eventguid: string): boolean {
    return this.exact.has(eventguid) || this.beginnings.some((beginning) => eventguid.startsWith(beginning));
  }
}
