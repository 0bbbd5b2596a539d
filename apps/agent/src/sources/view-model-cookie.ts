/** What a cookie of the form `Viewmodel=<name>&RootId=<external id>` says. */
export type ViewModelCookie =
  { readonly viewModel: string; readonly rootId: string } | { readonly flaw: string };

/**
 * Reads a cookie: pairs joined by `&`, each key up to its first `=`, in any case. Values are taken as they stand, without any decoding.
 * Pairs with other keys are left alone.
 */
export function readCookie(cookie: string): ViewModelCookie {
  const viewModels = valuesOf(cookie, 'viewmodel');
  const rootIds = valuesOf(cookie, 'rootid');
  const [viewModel = ''] = viewModels;
  const [rootId = ''] = rootIds;
  if (viewModels.length > 1 || rootIds.length > 1)
    return { flaw: 'The cookie names ViewModel or RootId twice.' };
  if (viewModel === '') return { flaw: 'The cookie names no ViewModel.' };
  if (rootId === '') return { flaw: 'The cookie names no RootId.' };
  return { viewModel, rootId };
}

function valuesOf(cookie: string, key: string): readonly string[] {
  return cookie.split('&').flatMap((pair) => {
    const end = pair.indexOf('=');
    return end >= 0 && pair.slice(0, end).trim().toLowerCase() === key ? [pair.slice(end + 1)] : [];
  });
}
