// What has to be true before a version is published.

/**
 * @typedef {object} State
 * @property {string} version of package.json
 * @property {Readonly<Record<string, string | undefined>>} versionsElsewhere what each other file says that names the version
 * @property {string} changelog
 * @property {readonly string[]} changes files that are not committed
 * @property {boolean} isDryRun
 */

const VERSION = /^\d+[.]\d+[.]\d+(-[0-9A-Za-z.-]+)?$/;

/**
 * Sentences on what is in the way; none if the version can be published.
 * @param {State} state
 * @returns {string[]}
 */
export function problemsOf({ version, versionsElsewhere, changelog, changes, isDryRun }) {
  const headings = isDryRun ? [version, 'Unreleased'] : [version];
  const problems = [];
  if (!VERSION.test(version)) problems.push(`'${version}' in package.json is no version.`);
  for (const [file, said] of Object.entries(versionsElsewhere))
    if (said !== version) problems.push(`${file} says ${said ?? 'nothing'}, package.json ${version}.`);
  if (!headings.some((heading) => says(changelog, heading)))
    problems.push(`CHANGELOG.md says nothing under '## ${version}'.`);
  if (!isDryRun && changes.length > 0)
    problems.push(`The work tree is not clean: ${changes.join(', ')}. With --dry-run it need not be.`);
  return problems;
}

/**
 * Whether there is a heading of the version, and something under it.
 * @param {string} changelog
 * @param {string} heading
 */
function says(changelog, heading) {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/[\s—(]/, 1)[0] === heading);
  return section?.trim().includes('\n') === true;
}
