import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { read } from './files.js';

describe('the alerts', () => {
  interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly annotations: { readonly runbook: string };
  }
  const { groups } = parse(read('deploy/observability/rules/ringback.yml')) as {
    groups: { rules: Rule[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  const metrics = new Set(
    [...read('docs/operations.md').matchAll(/`(ringback_\w+)/g)].map(([, name]) => name),
  );

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s has a runbook, and metrics that there are',
    (alert, rule) => {
      expect(rule.annotations.runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
      expect(read('docs/runbooks.md')).toContain(`\n## ${alert}\n`);
      const used = [...rule.expr.matchAll(/ringback_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''));
      expect(used.filter((name) => !metrics.has(name))).toEqual([]);
    },
  );

  it('has no runbook without an alert', () => {
    const titles = [...read('docs/runbooks.md').matchAll(/^## (\S+)$/gm)].map(([, title]) => title);
    expect(titles).toEqual(rules.map(({ alert }) => alert));
  });
});
