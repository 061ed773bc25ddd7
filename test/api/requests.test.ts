// Requests to a real TLS socket and their exact answers. The expected bytes are what metrics-server v0.9.0 answered for the same cluster.
import { expect } from 'chai';
import { podUsage, podView } from '../support/metrics-reader-fake.ts';
import { ApiHarness, createPki, fillExampleCluster, nowText } from './api-harness.ts';

const root = '/apis/metrics.k8s.io/v1beta1';
const at = '"timestamp":"2026-11-21T11:29:39Z"';
const t0 = `"creationTimestamp":"${nowText}"`;

const nodeA =
  `"metadata":{"name":"node-a",${t0},"labels":{"kubernetes.io/hostname":"node-a","role":"x"}},${at},` +
  '"window":"15s","usage":{"cpu":"1500m","memory":"4123456789"}}';
const nodeB =
  `"metadata":{"name":"node-b",${t0},"labels":{"kubernetes.io/hostname":"node-b","role":"yy"}},${at},` +
  '"window":"14.977s","usage":{"cpu":"250m","memory":"1Gi"}}';
const podMetadata = (namespace: string, name: string, app: string): string =>
  `"metadata":{"name":"${name}","namespace":"${namespace}",${t0},"labels":{"app":"${app}"}}`;
const podItem = (namespace: string, name: string, app: string, ...containers: string[]): string =>
  `${podMetadata(namespace, name, app)},${at},"window":"15s","containers":[${containers.join(',')}]}`;
const container = (name: string, cpu: string, memory: string): string =>
  `{"name":"${name}","usage":{"cpu":"${cpu}","memory":"${memory}"}}`;
const web1 = podItem('default', 'web-1', 'web', container('nginx', '10m', '10Mi'), container('side', '20m', '20Mi'));
const web2 = podItem('default', 'web-2', 'web', container('nginx', '10m', '10Mi'));
const zz1 = podItem('default', 'zz-1', 'zz', container('a', '10m', '10485761'));
const dns1 = podItem('kube-system', 'dns-1', 'dns', container('dns', '123456u', '12000000'));

const nodeType = '{"kind":"NodeMetrics","apiVersion":"metrics.k8s.io/v1beta1",';
const podType = '{"kind":"PodMetrics","apiVersion":"metrics.k8s.io/v1beta1",';
const list = (kind: string, ...items: string[]): string =>
  `{"kind":"${kind}List","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[${items.map((item) => `{${item}`).join(',')}]}\n`;
const failure = (message: string, reason: string, code: number, details?: object): string =>
  `${JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details && { details }),
    code,
  })
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')}\n`;
const notThere = failure('the server could not find the requested resource', 'NotFound', 404, {});
const notAllowed = failure(
  'the server does not allow this method on the requested resource',
  'MethodNotAllowed',
  405,
  {},
);
const invalid = (field: string, reason: string, text: string): string =>
  failure(`ListOptions.meta.k8s.io "" is invalid: ${field}: ${text}`, 'Invalid', 422, {
    group: 'meta.k8s.io',
    kind: 'ListOptions',
    causes: [{ reason, message: text, field }],
  });

describe('api: requests and their exact answers', () => {
  let api: ApiHarness;
  before(async () => {
    api = new ApiHarness(createPki());
    fillExampleCluster(api);
    await api.start();
  });
  after(() => api.stop());

  function check(path: string, expected: string, code = 200, headers: Record<string, string> = {}): void {
    const accept = headers['accept'] === undefined ? '' : ` with Accept ${headers['accept']}`;
    it(`answers ${code} to GET ${path}${accept}`, async () => {
      const answer = await api.ask(path, { headers });
      expect(answer.text).to.equal(expected);
      expect(answer.code).to.equal(code);
      expect(answer.headers['content-type']).to.equal('application/json');
      expect(answer.headers['cache-control']).to.equal('no-cache, private');
      expect(answer.headers['audit-id']).to.match(/^[0-9a-f-]{36}$/);
    });
  }

  describe('one object', () => {
    check(`${root}/nodes/node-a`, `${nodeType}${nodeA}\n`);
    check(`${root}/nodes/node-a/`, `${nodeType}${nodeA}\n`);
    check(`${root}/nodes/node-a?watch=true`, `${nodeType}${nodeA}\n`);
    check(`${root}/namespaces/default/pods/web-2`, `${podType}${web2}\n`);
    check(
      `${root}/nodes/node-c`,
      failure('nodemetrics.metrics.k8s.io "node-c" not found', 'NotFound', 404, {
        name: 'node-c',
        group: 'metrics.k8s.io',
        kind: 'nodemetrics',
      }),
      404,
    );
    check(`${root}/nodes/nope`, failure('node "nope" not found', 'NotFound', 404, { name: 'nope', kind: 'node' }), 404);
    check(
      `${root}/namespaces/default/pods/nometric-1`,
      failure('podmetrics.metrics.k8s.io "default/nometric-1" not found', 'NotFound', 404, {
        name: 'default/nometric-1',
        group: 'metrics.k8s.io',
        kind: 'podmetrics',
      }),
      404,
    );
    check(
      `${root}/namespaces/default/pods/nope`,
      failure('pods "nope" not found', 'NotFound', 404, { name: 'nope', kind: 'pods' }),
      404,
    );
    check(
      `${root}/namespaces/default/pods/done-1`,
      failure('pods "done-1" not found', 'NotFound', 404, { name: 'done-1', kind: 'pods' }),
      404,
    );
  });

  describe('lists', () => {
    check(`${root}/nodes`, list('NodeMetrics', nodeA, nodeB));
    check(`${root}/pods`, list('PodMetrics', web1, web2, zz1, dns1));
    check(`${root}/namespaces/default/pods/`, list('PodMetrics', web1, web2, zz1));
    check(`${root}/namespaces//pods`, list('PodMetrics', web1, web2, zz1, dns1));
    check(`${root}/namespaces/nons/pods`, list('PodMetrics'));
    check(`${root}/namespaces/default/pods?labelSelector=app%3Dzz`, list('PodMetrics', zz1));
    check(`${root}/pods?labelSelector=app%20in%20(zz,dns)`, list('PodMetrics', zz1, dns1));
    check(`${root}/nodes?fieldSelector=metadata.name%3Dnode-b`, list('NodeMetrics', nodeB));
    check(`${root}/nodes?fieldSelector=metadata.name!%3Dnode-b`, list('NodeMetrics', nodeA));
    check(`${root}/nodes?fieldSelector=metadata.namespace%3Dx`, list('NodeMetrics'));
    check(`${root}/nodes?fieldSelector=metadata.namespace%3D`, list('NodeMetrics', nodeA, nodeB));
    check(`${root}/pods?fieldSelector=metadata.namespace%3Dkube-system`, list('PodMetrics', dns1));
    check(`${root}/nodes?limit=1`, list('NodeMetrics', nodeA, nodeB));
    check(`${root}/nodes?resourceVersion=abc`, list('NodeMetrics', nodeA, nodeB));
    check(`${root}/nodes?continue=abc`, list('NodeMetrics', nodeA, nodeB));
    check(`${root}/nodes?unknown=1&allowWatchBookmarks=true&timeoutSeconds=5`, list('NodeMetrics', nodeA, nodeB));
    check(`${root}/nodes`, list('NodeMetrics', nodeA, nodeB), 200, { accept: 'application/json;stream=watch' });
    check(`${root}/nodes`, list('NodeMetrics', nodeA, nodeB), 200, { accept: 'text/html,application/json;q=0.5' });
    check(`${root}/nodes`, list('NodeMetrics', nodeA, nodeB), 200, { accept: '*/*' });
  });

  describe('wrong parameters', () => {
    check(
      `${root}/pods?labelSelector=app%20in%20(zz`,
      failure("unable to parse requirement: found '', expected: ',' or ')'", 'BadRequest', 400),
      400,
    );
    check(
      `${root}/pods?labelSelector=-bad-`,
      failure(
        "unable to parse requirement: <nil>: Invalid value: \"-bad-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        'BadRequest',
        400,
      ),
      400,
    );
    check(
      `${root}/pods?fieldSelector=spec.nodeName%3Dnode-a`,
      failure(
        '"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"',
        'BadRequest',
        400,
      ),
      400,
    );
    check(
      `${root}/nodes?fieldSelector=metadata.name`,
      failure("invalid selector: 'metadata.name'; can't understand 'metadata.name'", 'BadRequest', 400),
      400,
    );
    check(
      `${root}/nodes?limit=abc`,
      failure('strconv.ParseInt: parsing "abc": invalid syntax', 'BadRequest', 400),
      400,
    );
    check(
      `${root}/nodes?timeoutSeconds=9223372036854775808`,
      failure('strconv.ParseInt: parsing "9223372036854775808": value out of range', 'BadRequest', 400),
      400,
    );
    check(
      `${root}/nodes?timeout=abc`,
      failure('invalid timeout specified in the request URL - time: invalid duration "abc"', 'BadRequest', 400),
      400,
    );
    const match = 'resourceVersionMatch';
    check(
      `${root}/nodes?resourceVersionMatch=Exact`,
      invalid(
        match,
        'FieldValueForbidden',
        'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      ),
      422,
    );
    check(
      `${root}/nodes?resourceVersion=5&resourceVersionMatch=Foo`,
      invalid(
        match,
        'FieldValueNotSupported',
        'Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""',
      ),
      422,
    );
    check(
      `${root}/nodes?continue=abc&resourceVersion=4&resourceVersionMatch=Exact`,
      invalid(match, 'FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden when continue is provided'),
      422,
    );
    check(
      `${root}/nodes?sendInitialEvents=true`,
      invalid('sendInitialEvents', 'FieldValueForbidden', 'Forbidden: sendInitialEvents is forbidden for list'),
      422,
    );
    check(
      `${root}/nodes?watch=true&sendInitialEvents=true`,
      invalid(
        match,
        'FieldValueForbidden',
        'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
      422,
    );
    check(
      `${root}/nodes?watch=true`,
      failure('watch is not supported on resources of kind "nodes.metrics.k8s.io"', 'MethodNotAllowed', 405, {
        group: 'metrics.k8s.io',
        kind: 'nodes',
      }),
      405,
    );
  });

  describe('paths that are not there', () => {
    for (const path of [
      '/watch/nodes',
      '/nodes/node-a/status',
      '/namespaces/default/nodes',
      '/foo',
      '/pods/web-1',
      '//nodes',
    ]) {
      check(`${root}${path}`, notThere, 404);
    }
    check('/apis/metrics.k8s.io/v1', notThere, 404);
    // A slash that hides in an escape is a slash, for authorization and for routes alike.
    check(`${root}/nodes/node-a%2Fstatus`, notThere, 404);
    check(`${root}/nodes/node%2Da`, `${nodeType}${nodeA}\n`);
  });

  describe('methods', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      it(`answers 405 to ${method} of a list`, async () => {
        const answer = await api.ask(`${root}/nodes`, { method });
        expect(answer.text).to.equal(notAllowed);
        expect(answer.code).to.equal(405);
      });
    }
    it('answers 405 without a body to HEAD', async () => {
      const answer = await api.ask(`${root}/nodes`, { method: 'HEAD' });
      expect(answer.code).to.equal(405);
      expect(answer.headers['content-length']).to.equal('197');
      expect(answer.text).to.equal('');
    });
    it('answers 405 to POST /version and 200 to POST /healthz', async () => {
      expect((await api.ask('/version', { method: 'POST' })).text).to.equal(notAllowed);
      expect((await api.ask('/healthz', { method: 'POST' })).text).to.equal('ok');
    });
  });

  describe('indented answers', () => {
    const pretty = `{
  "kind": "NodeMetricsList",
  "apiVersion": "metrics.k8s.io/v1beta1",
  "metadata": {},
  "items": [
    {
      "metadata": {
        "name": "node-b",
        "creationTimestamp": "2026-11-21T11:29:44Z",
        "labels": {
          "kubernetes.io/hostname": "node-b",
          "role": "yy"
        }
      },
      "timestamp": "2026-11-21T11:29:39Z",
      "window": "14.977s",
      "usage": {
        "cpu": "250m",
        "memory": "1Gi"
      }
    }
  ]
}`;
    const path = `${root}/nodes?labelSelector=role%3Dyy`;
    check(`${path}&pretty=true`, pretty);
    check(path, pretty, 200, { 'user-agent': 'curl/8.5' });
    check(path, pretty, 200, { accept: 'application/json;pretty=1' });
    check(`${path}&pretty=false`, list('NodeMetrics', nodeB), 200, { 'user-agent': 'curl/8.5' });
    check(`${path}&pretty=maybe`, list('NodeMetrics', nodeB), 200, { 'user-agent': 'Mozilla/5.0 (X11)' });
  });

  describe('Tables', () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const column = (name: string, format: string, description = ''): string =>
      `{"name":"${name}","type":"string","format":"${format}","description":"${description}","priority":0}`;
    const columns = [
      column('Name', 'name', 'Name of the resource'),
      column('cpu', 'quantity'),
      column('memory', 'quantity'),
      column('Window', 'duration'),
    ];
    const table = (rows: string[], version = 'v1'): string =>
      `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":{},"columnDefinitions":[${columns.join(',')}],"rows":[${rows.join(',')}]}\n`;
    const row = (cells: string[], object: string): string => `{"cells":${JSON.stringify(cells)},"object":${object}}`;
    const partial = (metadata: string, version = 'v1'): string =>
      `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}",${metadata}}`;
    const nodeMetadata = (name: string, role: string): string =>
      `"metadata":{"name":"${name}",${t0},"labels":{"kubernetes.io/hostname":"${name}","role":"${role}"}}`;
    const rowA = row(['node-a', '1500m', '4123456789', '15s'], partial(nodeMetadata('node-a', 'x')));
    const zzCells = ['zz-1', '10m', '10485761', '15s'];

    check(
      `${root}/nodes`,
      table([rowA, row(['node-b', '250m', '1Gi', '14.977s'], partial(nodeMetadata('node-b', 'yy')))]),
      200,
      { accept },
    );
    check(`${root}/nodes/node-a`, table([rowA]), 200, { accept: `${accept},application/json` });
    check(
      `${root}/namespaces/default/pods?labelSelector=app=web&includeObject=None`,
      table([row(['web-1', '30m', '30Mi', '15s'], 'null'), row(['web-2', '10m', '10Mi', '15s'], 'null')]),
      200,
      { accept },
    );
    check(`${root}/pods?includeObject=Object&labelSelector=app%3Dzz`, table([row(zzCells, `${podType}${zz1}`)]), 200, {
      accept,
    });
    check(
      `${root}/pods?labelSelector=app%3Dzz`,
      table([row(zzCells, partial(podMetadata('default', 'zz-1', 'zz'), 'v1beta1'))], 'v1beta1'),
      200,
      { accept: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io' },
    );
    check(
      `${root}/pods?labelSelector=none`,
      '{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"columnDefinitions":null,"rows":null}\n',
      200,
      { accept },
    );
    it('answers 400 to an includeObject that is none, as indented JSON because a Table was asked for', async () => {
      const answer = await api.ask(`${root}/pods?includeObject=Bad`, { headers: { accept } });
      const message =
        "Unable to convert to Table as requested: includeObject: Invalid value: \"Bad\": must be 'Metadata', 'Object', 'None', or empty";
      const status = {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message,
        reason: 'BadRequest',
        code: 400,
      };
      expect(answer.text).to.equal(JSON.stringify(status, null, 2));
      expect(answer.code).to.equal(400);
    });
  });

  it('sums the memory of a pod exactly, however much it is', async () => {
    api.pods.pods.set('huge/p', podView({ namespace: 'huge', name: 'p' }));
    const amounts = [1, 1000, 2 ** 53 - 1, 2 ** 60];
    const containers = amounts.map((memoryBytes, index) => ({ name: `c${index}`, cpuNanoCores: 1, memoryBytes }));
    api.reader.podUsages.set('huge/p', podUsage(...containers));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const answer = await api.ask(`${root}/namespaces/huge/pods`, { headers: { accept } });
    api.pods.pods.delete('huge/p');
    expect(answer.text).to.include('"cells":["p","4n","1161928703861588968","15s"]');
  });

  describe('metadata only', () => {
    const partial = (kind: string): Record<string, string> => ({
      accept: `application/json;as=${kind};v=v1;g=meta.k8s.io`,
    });
    const item = `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",${podMetadata('default', 'zz-1', 'zz')}}`;
    const head = '{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{}';
    check(`${root}/namespaces/default/pods/zz-1`, `${item}\n`, 200, partial('PartialObjectMetadata'));
    check(
      `${root}/pods?labelSelector=app%3Dzz`,
      `${head},"items":[${item}]}\n`,
      200,
      partial('PartialObjectMetadataList'),
    );
    check(`${root}/pods?labelSelector=none`, `${head},"items":null}\n`, 200, partial('PartialObjectMetadataList'));
  });

  it('refuses to export an object, rather than to ignore the wish', async () => {
    for (const path of [`${root}/nodes/node-a?export=true`, `${root}/namespaces/default/pods/web-1?export=x`]) {
      expect((await api.ask(path)).text, path).to.equal(
        failure('the export parameter, deprecated since v1.14, is no longer supported', 'BadRequest', 400),
      );
    }
    expect((await api.ask(`${root}/nodes/node-a?export=false`)).code).to.equal(200);
  });

  it('gives a request an audit id unless it has one', async () => {
    const idOf = async (id: string): Promise<unknown> =>
      (await api.ask('/healthz', { headers: { 'audit-id': id } })).headers['audit-id'];
    expect(await idOf('mine')).to.equal('mine');
    expect(await idOf('')).to.match(/^[0-9a-f-]{36}$/);
  });

  it('knows no object whose name is no text', async () => {
    expect((await api.ask(`${root}/nodes/%ff`)).code).to.equal(404);
  });

  it('answers a path that is none as HTTP servers do', async () => {
    const answer = await api.ask('/%zz');
    expect([answer.code, answer.text, answer.headers['content-type'], answer.headers.connection]).to.deep.equal([
      400,
      '400 Bad Request',
      'text/plain; charset=utf-8',
      'close',
    ]);
    expect(answer.headers).to.not.have.any.keys('audit-id', 'cache-control');
  });

  it('says the length of small answers only, as Go servers do', async () => {
    const small = await api.ask(`${root}/nodes`);
    expect(small.headers['content-length']).to.equal(String(small.body.length));
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const large = await api.ask(`${root}/pods?pretty=1`, { headers: { accept: table } });
    expect(large.body.length).to.be.greaterThan(2_048);
    expect([large.headers['content-length'], large.headers['transfer-encoding']]).to.deep.equal([undefined, 'chunked']);
  });

  describe('YAML', () => {
    function checkYaml(path: string, accept: string, code: number, ...lines: string[]): void {
      it(`answers ${code} to GET ${path} with Accept ${accept}`, async () => {
        const answer = await api.ask(path, { headers: { accept } });
        expect(answer.text).to.equal(lines.map((line) => `${line}\n`).join(''));
        expect([answer.code, answer.headers['content-type']]).to.deep.equal([code, 'application/yaml']);
      });
    }
    const yaml = 'application/yaml';
    const as = (kind: string): string => `${yaml};as=${kind};v=v1;g=meta.k8s.io`;
    const zz1Metadata = [`creationTimestamp: "${nowText}"`, 'labels:', '  app: zz', 'name: zz-1', 'namespace: default'];
    const indented = (lines: string[], indent: string): string[] => lines.map((line) => indent + line);
    checkYaml(
      `${root}/nodes/node-a`,
      yaml,
      200,
      'apiVersion: metrics.k8s.io/v1beta1',
      'kind: NodeMetrics',
      'metadata:',
      `  creationTimestamp: "${nowText}"`,
      '  labels:',
      '    kubernetes.io/hostname: node-a',
      '    role: x',
      '  name: node-a',
      'timestamp: "2026-11-21T11:29:39Z"',
      'usage:',
      '  cpu: 1500m',
      '  memory: "4123456789"',
      'window: 15s',
    );
    checkYaml(
      `${root}/pods?labelSelector=app%3Dzz`,
      `${yaml};pretty=1`,
      200,
      'apiVersion: metrics.k8s.io/v1beta1',
      'items:',
      '- containers:',
      '  - name: a',
      '    usage:',
      '      cpu: 10m',
      '      memory: "10485761"',
      '  metadata:',
      ...indented(zz1Metadata, '    '),
      '  timestamp: "2026-11-21T11:29:39Z"',
      '  window: 15s',
      'kind: PodMetricsList',
      'metadata: {}',
    );
    checkYaml(
      `${root}/pods?labelSelector=none`,
      yaml,
      200,
      'apiVersion: metrics.k8s.io/v1beta1',
      'items: []',
      'kind: PodMetricsList',
      'metadata: {}',
    );
    checkYaml(
      `${root}/pods?labelSelector=none`,
      as('Table'),
      200,
      'apiVersion: meta.k8s.io/v1',
      'columnDefinitions: null',
      'kind: Table',
      'metadata: {}',
      'rows: null',
    );
    checkYaml(
      `${root}/pods?labelSelector=app%3Dzz`,
      as('PartialObjectMetadataList'),
      200,
      'apiVersion: meta.k8s.io/v1',
      'items:',
      '- apiVersion: meta.k8s.io/v1',
      '  kind: PartialObjectMetadata',
      '  metadata:',
      ...indented(zz1Metadata, '    '),
      'kind: PartialObjectMetadataList',
      'metadata: {}',
    );
    checkYaml(
      `${root}/namespaces/default/pods/nope`,
      yaml,
      404,
      'apiVersion: v1',
      'code: 404',
      'details:',
      '  kind: pods',
      '  name: nope',
      'kind: Status',
      'message: pods "nope" not found',
      'metadata: {}',
      'reason: NotFound',
      'status: Failure',
    );
    checkYaml(
      '/version',
      yaml,
      406,
      'apiVersion: v1',
      'code: 406',
      'details: {}',
      'kind: Status',
      'message: |-',
      '  406: Not Acceptable',
      '',
      '  Available representations: application/json',
      'metadata: {}',
      'reason: NotAcceptable',
      'status: Failure',
    );
    it('ends a Table with its rows', async () => {
      const { text } = await api.ask(`${root}/nodes`, { headers: { accept: as('Table') } });
      const rows = text.slice(text.indexOf('rows:\n'));
      expect(text).to.match(
        /^apiVersion: meta\.k8s\.io\/v1\ncolumnDefinitions:\n- description: Name of the resource\n/,
      );
      expect(rows.split('\n').slice(0, 8)).to.deep.equal([
        'rows:',
        '- cells:',
        '  - node-a',
        '  - 1500m',
        '  - "4123456789"',
        '  - 15s',
        '  object:',
        '    apiVersion: meta.k8s.io/v1',
      ]);
      expect(rows.match(/^- cells:$/gm)).to.have.length(2);
    });
  });

  describe('what cannot be answered in the form asked for', () => {
    function checkNotAcceptable(path: string, accept: string, message: string, details?: object): void {
      it(`answers 406 to GET ${path} with Accept ${accept}`, async () => {
        const answer = await api.ask(path, { headers: { accept } });
        const status = {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message,
          reason: 'NotAcceptable',
          ...(details && { details }),
          code: 406,
        };
        expect(answer.text).to.equal(JSON.stringify(status, null, 2));
        expect(answer.code).to.equal(406);
      });
    }
    const media = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
    const streams = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
    const head = '406: Not Acceptable\n\nAvailable representations: ';
    const only = `only the following media types are accepted: ${media}`;
    checkNotAcceptable(`${root}/nodes`, 'text/html', `${head}${media}, ${streams}`, {});
    checkNotAcceptable(`${root}/nodes/nope`, 'text/html', `${head}${media}`, {});
    checkNotAcceptable(root, 'text/html', `${head}${media}`, {});
    checkNotAcceptable('/apis', 'text/html', `${head}${media}`, {});
    checkNotAcceptable(`${root}/nodes`, 'application/json;as=Foo;v=v1;g=meta.k8s.io', only);
    checkNotAcceptable(`${root}/nodes`, 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io', only);
    checkNotAcceptable(
      `${root}/pods?labelSelector=app%3Dzz`,
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      'you requested PartialObjectMetadata, but the requested object is a list (*metrics.PodMetricsList)',
    );
    checkNotAcceptable(
      `${root}/namespaces/default/pods/zz-1`,
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      'you requested PartialObjectMetadataList, but the requested object is not a list (*metrics.PodMetrics)',
    );
  });

  describe('discovery', () => {
    const version = '{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}';
    const group = `"name":"metrics.k8s.io","versions":[${version}],"preferredVersion":${version}`;
    check('/apis/metrics.k8s.io', `{"kind":"APIGroup","apiVersion":"v1",${group}}\n`);
    check('/apis/metrics.k8s.io/', `{"kind":"APIGroup","apiVersion":"v1",${group}}\n`);
    check(
      root,
      '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"metrics.k8s.io/v1beta1","resources":[{"name":"nodes","singularName":"","namespaced":false,"kind":"NodeMetrics","verbs":["get","list"]},{"name":"pods","singularName":"","namespaced":true,"kind":"PodMetrics","verbs":["get","list"]}]}\n',
    );
    it('names its own port at /apis', async () => {
      const address = `"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":":${api.port}"}]`;
      expect((await api.ask('/apis')).text).to.equal(`{"kind":"APIGroupList","groups":[{${group},${address}}]}\n`);
    });

    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const tag =
      '"358A59ADB76207FD91A611EE4E44AA35402A763B15DAFCCDA881CF87B1316E7F7BCF0A0AAF9F7D57EE70498199884A495CE5759E3A791DC934EA8FB4ABBD68F3"';
    it('answers the aggregated document, with the tag that metrics-server gives it', async () => {
      const older = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
      const answer = await api.ask('/apis', { headers: { accept: `${aggregated},${older}` } });
      expect(answer.text).to.equal(
        '{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","resources":[{"resource":"nodes","responseKind":{"group":"","version":"","kind":"NodeMetrics"},"scope":"Cluster","singularResource":"","verbs":["get","list"]},{"resource":"pods","responseKind":{"group":"","version":"","kind":"PodMetrics"},"scope":"Namespaced","singularResource":"","verbs":["get","list"]}],"freshness":"Current"}]}]}\n',
      );
      expect(answer.headers).to.include({ 'content-type': aggregated, 'cache-control': 'public', vary: 'Accept' });
      expect(answer.headers.etag).to.equal(tag);
    });
    it('answers 304 to who knows the aggregated document', async () => {
      const answer = await api.ask('/apis', { headers: { accept: aggregated, 'if-none-match': tag } });
      expect([answer.code, answer.text, answer.headers['content-type']]).to.deep.equal([304, '', undefined]);
    });
    it('answers the aggregated document also as YAML and protobuf', async () => {
      const parameters = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
      const yaml = await api.ask('/apis', { headers: { accept: `application/yaml;${parameters}` } });
      expect(yaml.headers).to.include({ 'content-type': `application/yaml;${parameters}`, etag: tag });
      expect(yaml.text).to.match(
        /^apiVersion: apidiscovery\.k8s\.io\/v2\nitems:\n- metadata:\n {4}name: metrics\.k8s\.io\n/,
      );
      const protobuf = await api.ask('/apis', {
        headers: { accept: `application/vnd.kubernetes.protobuf;${parameters}` },
      });
      expect(protobuf.headers['content-type']).to.equal(`application/vnd.kubernetes.protobuf;${parameters}`);
      expect(protobuf.body.toString('hex')).to.equal(
        '6b3873000a2f0a16617069646973636f766572792e6b38732e696f2f76321215415049' +
          '47726f7570446973636f766572794c69737412a4010a060a0012001a001299010a1e0a0e6d6574726963732e6b38732e696f' +
          '12001a0022002a003200380042001277' +
          '0a07763162657461311230' +
          '0a056e6f64657312110a0012001a0b4e6f64654d6574726963731a07436c757374657222002a036765742a046c697374' +
          '12310a04706f647312100a0012001a0a506f644d6574726963731a0a4e616d65737061636564' +
          '22002a036765742a046c6973741a0743757272656e741a002200',
      );
    });
    it('prefers the aggregated document, however much the client wants it', async () => {
      const answer = await api.ask('/apis', { headers: { accept: `application/json, ${aggregated};q=0.1` } });
      expect(answer.headers['content-type']).to.equal(aggregated);
    });
    it('lists all paths at / and, with 404, wherever nothing is', async () => {
      const index = await api.ask('/');
      const paths = (JSON.parse(index.text) as { paths: string[] }).paths;
      expect(paths).to.deep.equal(paths.toSorted());
      expect(paths).to.include.members([
        '/apis',
        '/livez/metric-collection-timely',
        '/metrics',
        '/readyz/shutdown',
        '/version',
      ]);
      for (const path of ['/apis/foo', '/api', '/livez/foo', '/nothing', '/apis/METRICS.k8s.io/v1beta1/nodes']) {
        const answer = await api.ask(path);
        expect([answer.code, answer.text], path).to.deep.equal([404, index.text]);
      }
      for (const path of paths) expect((await api.ask(path)).code, path).to.equal(200);
    });
    it('says at /statusz what runs and since when, as text and to programs as Statusz', async () => {
      const text = await api.ask('/statusz');
      expect(text.headers['content-type']).to.equal('text/plain; charset=utf-8');
      expect(text.text).to.match(
        /^\nheadroom statusz\n[^]+\nUp: 0 hr 00 min 00 sec\nBinary version: v0\.1\.0\nPaths: \/healthz /,
      );
      const parameters = 'g=config.k8s.io;v=v1beta1;as=Statusz';
      const object = await api.ask('/statusz', { headers: { accept: `application/json;${parameters}` } });
      expect(object.headers['content-type']).to.equal(`application/json;${parameters}`);
      expect(JSON.parse(object.text)).to.deep.include({
        kind: 'Statusz',
        apiVersion: 'config.k8s.io/v1beta1',
        startTime: nowText,
        uptimeSeconds: 0,
        binaryVersion: 'v0.1.0',
      });
      const refused = await api.ask('/statusz', { headers: { accept: 'application/json' } });
      expect(refused.text).to.equal(
        failure(
          'only the following media types are accepted: application/json, application/yaml, text/plain',
          'NotAcceptable',
          406,
        ),
      );
    });
    it('answers OpenAPI documents that refer only to models they hold', async () => {
      const index = JSON.parse((await api.ask('/openapi/v3')).text) as {
        paths: Record<string, { serverRelativeURL: string }>;
      };
      const v3 = (await api.ask(index.paths['apis/metrics.k8s.io/v1beta1']!.serverRelativeURL)).text;
      const v2 = (await api.ask('/openapi/v2', { headers: { accept: 'application/json' } })).text;
      for (const [text, models] of [
        [v2, JSON.parse(v2).definitions],
        [v3, JSON.parse(v3).components.schemas],
      ] as const) {
        const referred = Array.from(text.matchAll(/"\$ref":"#\/[^"]*\/([^"/]+)"/g), ([, name]) => name);
        expect(referred.length).to.be.greaterThan(5);
        expect(Object.keys(models)).to.include.members([...new Set(referred)]);
        expect(text).to.include(`${root}/namespaces/{namespace}/pods/{name}`);
      }
    });
    it('answers 304 to who knows an OpenAPI document, 406 to who wants another form', async () => {
      const { headers } = await api.ask('/openapi/v2');
      expect((await api.ask('/openapi/v2', { headers: { 'if-none-match': headers.etag ?? '' } })).code).to.equal(304);
      const other = await api.ask('/openapi/v2', { headers: { accept: 'text/html' } });
      expect([other.code, other.text]).to.deep.equal([406, '']);
    });
    it('answers its version, indented', async () => {
      expect((await api.ask('/version')).text).to.equal(
        '{\n  "major": "1",\n  "minor": "36",\n  "gitVersion": "v0.1.0"\n}',
      );
    });
  });

  it('echoes the Audit-Id of the request', async () => {
    expect((await api.ask('/apis', { headers: { 'audit-id': 'abc' } })).headers['audit-id']).to.equal('abc');
  });

  it('serves its own metrics, with the freshness of what it served', async () => {
    await api.ask(`${root}/nodes/node-a`);
    const { text, headers } = await api.ask('/metrics');
    expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(text).to.match(/^metrics_server_api_metric_freshness_seconds_bucket\{le="1.8604960000000004"\} 0$/m);
    expect(text).to.match(/^metrics_server_api_metric_freshness_seconds_bucket\{le="364.31163045936864"\} [1-9]/m);
    expect(text).to.match(/^headroom_api_requests_total\{verb="get",resource="nodes",code="200"\} [1-9]/m);
  });
});
