import { expect } from 'chai';
import { readRequestInfo } from '../../src/api/request-info.ts';
import { type RequestTarget, readRequestTarget } from '../../src/api/request-target.ts';

function targetOf(url: string): RequestTarget {
  const target = readRequestTarget(url);
  if (target === undefined) throw new Error(`no target: ${url}`);
  return target;
}

describe('api: what a request is about', () => {
  function check(request: string, expected: string): void {
    it(`reads ${request} as ${expected}`, () => {
      const [method = '', url = ''] = request.split(' ');
      const target = targetOf(url);
      const info = readRequestInfo(method, target.path, target.query);
      if (info.kind === 'path') {
        expect(`${info.verb} path ${info.path}`).to.equal(expected);
        return;
      }
      const { verb, group, version, namespace, resource, subresource, name } = info;
      expect([verb, `${group}/${version}`, namespace, resource, name, subresource].join(' ')).to.equal(expected);
    });
  }

  // verb, group/version, namespace, resource, name, subresource
  const root = '/apis/metrics.k8s.io/v1beta1';
  const gv = 'metrics.k8s.io/v1beta1';
  check(`GET ${root}/nodes`, `list ${gv}  nodes  `);
  check(`HEAD ${root}/nodes/`, `list ${gv}  nodes  `);
  check(`GET //${root}/nodes//`, `list ${gv}  nodes  `);
  check('GET ///', 'get path ///');
  check(`GET ${root}/nodes/a`, `get ${gv}  nodes a `);
  check(`GET ${root}/nodes/a/status`, `get ${gv}  nodes a status`);
  check(`GET ${root}/namespaces/ns/pods`, `list ${gv} ns pods  `);
  check(`GET ${root}/namespaces/ns/pods/p`, `get ${gv} ns pods p `);
  check(`GET ${root}/namespaces//pods`, `list ${gv}  pods  `);
  check(`GET ${root}/namespaces/ns`, `get ${gv} ns namespaces ns `);
  check(`GET ${root}/namespaces/ns/status`, `get ${gv} ns namespaces ns status`);
  check(`GET ${root}/namespaces/ns/finalize`, `get ${gv} ns namespaces ns finalize`);
  check(`GET ${root}/namespaces`, `list ${gv}  namespaces  `);
  check(`GET ${root}/nodes?watch`, `watch ${gv}  nodes  `);
  check(`GET ${root}/nodes?watch=1`, `watch ${gv}  nodes  `);
  check(`GET ${root}/nodes?watch=False`, `list ${gv}  nodes  `);
  check(`GET ${root}/nodes/a?watch=true`, `get ${gv}  nodes a `);
  check(`GET ${root}/watch/nodes`, `watch ${gv}  nodes  `);
  check(`GET ${root}/watch/namespaces/ns/pods/p`, `watch ${gv} ns pods p `);
  check(`GET ${root}/nodes?fieldSelector=metadata.name%3Da`, `list ${gv}  nodes a `);
  check(`GET ${root}/nodes?fieldSelector=metadata.name!%3Da`, `list ${gv}  nodes  `);
  check(`GET ${root}/nodes?fieldSelector=metadata.name%3D..`, `list ${gv}  nodes  `);
  check(`POST ${root}/nodes`, `create ${gv}  nodes  `);
  check(`PUT ${root}/nodes/a`, `update ${gv}  nodes a `);
  check(`PATCH ${root}/nodes/a`, `patch ${gv}  nodes a `);
  check(`DELETE ${root}/nodes/a`, `delete ${gv}  nodes a `);
  check(`DELETE ${root}/nodes`, `deletecollection ${gv}  nodes  `);
  check(`OPTIONS ${root}/nodes/a`, ` ${gv}  nodes a `);
  check(`constructor ${root}/nodes/a`, ` ${gv}  nodes a `);
  check(`__proto__ ${root}/nodes/a`, ` ${gv}  nodes a `);
  check(`GET ${root}`, `get path ${root}`);
  check('GET /apis', 'get path /apis');
  check('POST /healthz', 'post path /healthz');
  check('GET /api/v1/nodes', 'get path /api/v1/nodes');
  check('GET /', 'get path /');
  // Whatever hides in escapes or forms of a target is seen.
  check(`GET ${root}/nodes%2Fa`, `get ${gv}  nodes a `);
  check('GET /%68ealthz', 'get path /healthz');
  check(`GET https://host${root}/nodes?watch=1`, `watch ${gv}  nodes  `);
  check('GET *', 'get path /*');

  it('gives routers a target that they split and decode to the same path', () => {
    for (const raw of ['/a%2Fb', '/a%3Fb?c=1', '/a%23b', '/a#b', '/a\\b', '/%E2%82%AC', '/a%25b', '/a b']) {
      const { path, routedUrl: encoded } = targetOf(raw);
      expect(decodeURIComponent(encoded), raw).to.equal(path);
      expect(encoded, raw).to.match(/^[\w\-./%!~*'()]+$/);
    }
  });

  it('lets slashes at the end count for nothing in the API itself, and for everything elsewhere', () => {
    expect(targetOf(`${root}/nodes//`)).to.include({ path: `${root}/nodes//`, routedUrl: `${root}/nodes` });
    expect(targetOf('/version/').routedUrl).to.equal('/version');
    expect(targetOf('/apis/').routedUrl).to.equal('/apis');
    expect(targetOf('/apis//').routedUrl).to.equal('/apis//');
    expect(targetOf('/healthz/').routedUrl).to.equal('/healthz/');
  });

  it('reads parameters as Go does: pairs with a semicolon or a broken escape are none', () => {
    const read = (query: string): string => String(targetOf(`/?${query}`).query);
    expect(read('a=1;b=2&c=3')).to.equal('c=3');
    expect(read('a=%zz&b=%41')).to.equal('b=A');
    expect(read('a=1+2&a=3&b')).to.equal('a=1+2&a=3&b=');
  });

  it('finds no target in a path that cannot be decoded', () => {
    expect(readRequestTarget('/%zz')).to.equal(undefined);
  });

  it('takes no longer for a million slashes than for one', function () {
    this.timeout(2_000);
    expect(readRequestInfo('GET', `/a${'/'.repeat(1_000_000)}b`, new URLSearchParams()).kind).to.equal('path');
  });
});
