/** What Fastify tells of a route when it is added. */
interface Route {
  readonly method: string | readonly string[];
  readonly url: string;
}

/** Which methods the paths of this server have, so that the wrong method gets 405 and not 404. */
export class AllowedMethods {
  private readonly routes = new Map<string, Set<string>>();

  add({ method, url }: Route): void {
    if (url.includes('*')) return; // of files and of preflights: such a path may well not exist
    const methods = this.routes.get(url) ?? new Set<string>();
    this.routes.set(url, methods);
    for (const name of [method].flat()) methods.add(name);
  }

  /** The methods of a path, for the Allow header; empty if there is no such path. */
  of(url: string): readonly string[] {
    const path = url.split(/[?#]/, 1)[0] ?? '';
    const found = new Set<string>();
    for (const [route, methods] of this.routes) {
      if (matches(route, path)) methods.forEach((method) => found.add(method));
    }
    return [...found].sort();
  }
}

function matches(route: string, path: string): boolean {
  const [wanted, given] = [route.split('/'), path.split('/')];
  if (wanted.length !== given.length) return false;
  return wanted.every((segment, index) =>
    segment.startsWith(':') ? given[index] !== '' : segment === given[index],
  );
}
