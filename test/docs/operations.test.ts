// docs/operations.md: what it tells people to type, watch and look for is there.
import { expect } from 'chai';
import { parse } from 'yaml';
import { findProjectFiles, readProjectFile, sectionOf, tableRowsOf } from '../support/markdown.ts';

const page = readProjectFile('docs/operations.md');

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

/** Label names by metric, as docs/self-metrics.md has them, which test/docs/generated-docs.test.ts holds to the code. */
const labelsOf: ReadonlyMap<string, readonly string[]> = new Map(
  tableRowsOf(readProjectFile('docs/self-metrics.md')).flatMap(([name = '', type, labels = '']) => {
    const metric = name.replaceAll('`', '');
    const names = Array.from(labels.matchAll(/\w+/g), ([label]) => label);
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return suffixes.map((suffix): [string, string[]] => [
      `${metric}${suffix}`,
      [...names, ...(type === 'histogram' ? ['le'] : [])],
    ]);
  }),
);

describe('docs/operations.md', () => {
  describe('has alerts on metrics and labels that exist', () => {
    const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
    const rules = blocks.filter((text) => text.startsWith('groups:')).flatMap((text) => (parse(text) as Rules).groups);
    const alerts = rules.flatMap((group) => group.rules);

    it('at least ten', () => expect(alerts).to.have.length.above(9));

    for (const { alert, expr } of alerts) {
      it(alert, () => {
        const used = metricsOf(expr);
        expect(used).to.not.be.empty;
        for (const { name, labels } of used) {
          expect([...labelsOf.keys()]).to.include(name);
          expect(labelsOf.get(name)).to.include.members(labels);
        }
        const grouped = [...expr.matchAll(/\b(?:by|without|ignoring) \(([^)]*)\)/g)].flatMap(([, names = '']) =>
          names.split(', '),
        );
        expect(used.flatMap(({ name }) => labelsOf.get(name) ?? [])).to.include.members(grouped);
      });
    }
  });

  it('names self-metrics that exist', () => {
    const named = Array.from(
      page.matchAll(/\b(?:headroom|metrics_server|horizontal_pod_autoscaler_controller)_\w+/g),
      ([name]) => name,
    );
    const known = (name: string): boolean => labelsOf.has(name) || labelsOf.has(`${name}_bucket`);
    expect(named.filter((name) => !known(name))).to.deep.equal([]);
  });

  it('names flags that exist, here or in the programs it speaks of', () => {
    const ofOthers = ['--controllers', '--enable-aggregator-routing', '--raw', '--show-managed-fields'];
    const known = new Set(readProjectFile('docs/flags.md').match(/--[a-z][a-z-]+/g));
    const named = page.match(/--[a-z][a-z-]+/g) ?? [];
    expect(named).to.have.length.above(20);
    expect(named.filter((flag) => !known.has(flag) && !ofOthers.includes(flag))).to.deep.equal([]);
  });

  it('quotes log lines that are written', () => {
    const code = findProjectFiles('src/**/*.ts').map(readProjectFile).join('\n');
    const cells = tableRowsOf(sectionOf(page, 'Watch it')).flatMap(([line = '', says = '']) => [
      line,
      ...says.split('; '),
    ]);
    const inTable = cells.flatMap((cell) => /^`([^`]+)`/.exec(cell)?.slice(1) ?? []);
    const elsewhere = [
      'waiting for nodes and pods to be listed',
      'serving the Metrics API',
      'cannot run',
      'canary HPA not made',
      'canary HPA not read',
      'trying for the lease failed',
      'access could not be reviewed, the request is refused',
    ];
    expect(inTable).to.have.length.above(9);
    for (const line of elsewhere) expect(page).to.include(`\`${line}\``);
    expect([...inTable, ...elsewhere].filter((line) => !code.includes(`'${line}'`))).to.deep.equal([]);
  });

  it('knows every reason why a scrape fails', () => {
    const reasons = tableRowsOf(sectionOf(page, 'Nodes or pods without metrics')).map(([reason = '']) =>
      reason.replaceAll('`', ''),
    );
    const [, inCode = ''] = /ScrapeFailure\[\] = \[(.*)\];/.exec(readProjectFile('src/metrics/monitor.ts')) ?? [];
    expect(new Set(reasons)).to.deep.equal(new Set(Array.from(inCode.matchAll(/'([^']+)'/g), ([, reason]) => reason)));
  });
});

/** The metrics of an expression with the labels that are matched on. */
function metricsOf(expression: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  const uses = expression.matchAll(/\b((?:headroom|metrics_server|horizontal_pod)_\w+)(?:\{([^}]*)\})?/g);
  return Array.from(uses, ([, name = '', matchers = '']) => ({
    name,
    labels: Array.from(matchers.matchAll(/(\w+)(?==|!=|=~|!~)/g), ([label]) => label),
  }));
}
