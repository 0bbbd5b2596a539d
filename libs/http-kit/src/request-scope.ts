/** Whether a request, by its target, is one of ours. */
export type RequestScope = (url: string) => boolean;

/** Requests for these paths and what is below them; without paths, all. */
export function requestScope(paths: readonly string[] | undefined): RequestScope {
  if (!paths) return () => true;
  return (url) => {
    const [path = ''] = url.split(/[?#]/, 1);
    return paths.some((own) => path === own || path.startsWith(`${own}/`));
  };
}
