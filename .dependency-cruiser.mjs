// The import direction of the project as data. Low to high: a folder may import itself and what stands below it.
/** @type {readonly (readonly [string, readonly string[]])[]} */
const layers = [
  ['lib', ['lib']],
  ['crd', ['lib', 'crd']],
  ['kube', ['lib', 'kube']],
  ['metrics', ['lib', 'kube', 'metrics']],
  ['api', ['lib', 'kube', 'metrics', 'api']],
  ['controller', ['lib', 'crd', 'kube', 'metrics', 'controller']],
  // Takes the words of conditions from the decision itself.
  ['check', ['lib', 'crd', 'controller/decide', 'check']],
];

// Which packages a folder may use. Everything else is made in the composition root and passed in.
const packages = {
  lib: [],
  crd: [],
  kube: ['@kubernetes/client-node', 'undici', 'prom-client'],
  metrics: ['undici', 'prom-client', 'node-cron'],
  api: ['express', 'prom-client'],
  controller: ['prom-client'],
  check: ['yaml'],
};

const layerRules = layers.map(([folder, allowed]) => ({
  name: `${folder}-imports-only-${allowed.join('-')}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${allowed.join('|')})/` },
}));

const packageRules = Object.entries(packages).map(([folder, names]) => ({
  name: `${folder}-uses-only-its-packages`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: 'node_modules/',
    pathNot: names.length === 0 ? '^$' : `node_modules/(@types/)?(${names.join('|')})(/|$)`,
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
const configuration = {
  forbidden: [
    ...layerRules,
    ...packageRules,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '(types\\.ts|^src/main\\.ts)$' },
      to: {},
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'src-never-imports-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|demo|scripts)/' },
    },
    {
      name: 'decision-math-reaches-no-io',
      severity: 'error',
      comment: 'decide(observation, history, nowMs) is pure: no clock, no client, no logger, no package',
      from: { path: '^src/controller/decide/' },
      to: {
        path: '^(node:)?(fs|http|https|net|tls|timers|child_process|process|dns|cluster)|node_modules/|^src/(kube|lib/clock)',
        reachable: true,
      },
    },
    {
      name: 'timers-only-in-clock',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/lib/clock\\.ts$' },
      to: { path: '^(node:)?timers' },
    },
  ],
  options: { parser: 'swc', tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};

export default configuration;
