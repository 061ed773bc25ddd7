// Unit, but for the files, which are real.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { runCheck } from '../../src/check/command.ts';

const valid = hpa('web', 3);
const invalid = hpa('web', 0);

function hpa(name: string, maxReplicas: number): string {
  return `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ${name}}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}
  maxReplicas: ${maxReplicas}
`;
}

describe('headroom check', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headroom-check-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function file(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  async function run(
    argv: readonly string[],
    stdin = '',
    color = false,
  ): Promise<{ code: number; out: string; err: string }> {
    let [out, err] = ['', ''];
    const code = await runCheck(argv, {
      stdin: Readable.from([stdin]),
      color,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out: out.replaceAll(folder, ''), err: err.replaceAll(folder, '') };
  }

  it('ends with 0 when all is valid, and says which', async () => {
    expect(await run([await file('a.yaml', valid)])).to.deep.equal({
      code: 0,
      out: '/a.yaml:1:1: ok: HorizontalPodAutoscaler default/web\n1 autoscaler: 1 valid, 0 invalid, 0 warnings\n',
      err: '',
    });
  });

  it('ends with 1 when something is invalid, and says where, what, why and what to do', async () => {
    const { code, out } = await run([await file('a.yaml', invalid)]);
    expect(code).to.equal(1);
    expect(out.split('\n')).to.deep.equal([
      '/a.yaml:6:3: error: HorizontalPodAutoscaler default/web: spec.maxReplicas: Required value: must be set and greater than 0',
      '    set maxReplicas to 1 or more',
      '/a.yaml:6:3: error: HorizontalPodAutoscaler default/web: spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      '    raise maxReplicas, or lower minReplicas',
      '1 autoscaler: 0 valid, 1 invalid, 0 warnings',
      '',
    ]);
  });

  it('ends with 1 when a document is no YAML', async () => {
    const { code, out } = await run([await file('a.yaml', `${valid}---\na: [\n`)]);
    expect(code).to.equal(1);
    expect(out)
      .to.contain('/a.yaml:9:1: error: error converting YAML to JSON: yaml: ')
      .and.to.contain('1 document unreadable');
  });

  it('ends with 2 when a file cannot be read, and checks the others', async () => {
    const { code, out, err } = await run([join(folder, 'none.yaml'), await file('a.yaml', valid)]);
    expect(code).to.equal(2);
    expect(out).to.contain('ok: HorizontalPodAutoscaler');
    expect(err).to.equal('headroom check: /none.yaml: no such file or directory\n');
  });

  it('ends with 2 when a file of a folder cannot be read, and checks the others', async () => {
    await file('a.yaml', valid);
    await symlink('nowhere', join(folder, 'b.yaml'));
    await file('c.yaml', hpa('c', 3));
    const { code, out, err } = await run([folder]);
    expect(code).to.equal(2);
    expect(out).to.contain('/a.yaml:1:1: ok:').and.to.contain('/c.yaml:1:1: ok:');
    expect(err).to.equal('headroom check: /b.yaml: no such file or directory\n');
  });

  it('ends with 2 when a folder holds no manifests, for its name may be a slip of the pen', async () => {
    await mkdir(join(folder, 'more'));
    await file('more/c.yaml', valid);
    const { code, err } = await run([folder]);
    expect(code).to.equal(2);
    expect(err).to.equal('headroom check: : holds no *.yaml, *.yml or *.json; -R looks into the folders inside it\n');
    expect((await run(['-R', folder])).code).to.equal(0);
  });

  it('follows links to files, of which a mounted ConfigMap is made', async () => {
    await file('..data', valid);
    await symlink('..data', join(folder, 'a.yaml'));
    expect((await run([folder])).out).to.contain('/a.yaml:1:1: ok:');
  });

  it('reads UTF-16, which Windows PowerShell writes', async () => {
    const little = Buffer.from(`\uFEFF${valid}`, 'utf16le');
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      const path = join(folder, 'a.yaml');
      await writeFile(path, bytes);
      expect((await run([path])).out).to.contain('/a.yaml:1:1: ok: HorizontalPodAutoscaler default/web');
    }
  });

  it('ends with 2 for a wrong command line, with every mistake', async () => {
    expect(await run([])).to.include({
      code: 2,
      err: 'headroom check: name a file, a folder, or - for standard input\n',
    });
    expect((await run(['--foo', 'a.yaml'])).code).to.equal(2);
    const { code, err } = await run(['-o', 'yaml', '--feature-gates=HPAScaleToZero=maybe']);
    expect(code).to.equal(2);
    expect(err.split('\n')).to.have.length(4);
    for (const namespace of ['', 'Shop']) {
      const refused = await run(['-n', namespace, 'a.yaml']);
      expect(refused.code).to.equal(2);
      expect(refused.err).to.match(/^headroom check: --namespace: "(Shop)?": a lowercase RFC 1123 label must /);
    }
  });

  it('lets warnings pass unless told otherwise', async () => {
    const path = await file('a.yaml', hpa('web', 1));
    expect((await run([path])).code).to.equal(0);
    expect((await run([path])).out).to.contain(
      'warning: HorizontalPodAutoscaler default/web: spec.maxReplicas: minReplicas',
    );
    expect((await run(['--fail-on-warnings', path])).code).to.equal(1);
  });

  it('reads standard input', async () => {
    const { code, out } = await run(['-'], invalid);
    expect(code).to.equal(1);
    expect(out).to.contain('<stdin>:6:3: error:');
  });

  it('reads folders by name, and folders inside them when told to', async () => {
    await file('b.yml', hpa('b', 3));
    await file('a.json', '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}');
    await file('notes.txt', invalid);
    await mkdir(join(folder, 'more'));
    await file('more/c.yaml', hpa('c', 3));
    expect((await run([folder])).out).to.equal(
      '/b.yml:1:1: ok: HorizontalPodAutoscaler default/b\nskipped, being no autoscalers: ConfigMap c (/a.json:1)\n1 autoscaler: 1 valid, 0 invalid, 0 warnings\n',
    );
    expect((await run(['-R', folder])).out).to.contain('/more/c.yaml:1:1: ok: HorizontalPodAutoscaler default/c');
  });

  it('takes files as kubectl does, and the namespace', async () => {
    const path = await file('a.yaml', valid);
    expect((await run(['-n', 'shop', '-f', path])).out).to.contain('ok: HorizontalPodAutoscaler shop/web');
  });

  it('admits zero replicas when the API server does', async () => {
    const external =
      '\n  metrics: [{type: External, external: {metric: {name: q}, target: {type: Value, value: 1}}}]\n  minReplicas: 0\n';
    const path = await file('a.yaml', valid.trimEnd() + external);
    expect((await run([path])).code).to.equal(1);
    expect((await run(['--feature-gates=A=true,HPAScaleToZero=true', path])).code).to.equal(0);
  });

  it('says that a version is gone, and what to write', async () => {
    const { code, out } = await run(['-'], valid.replace('/v2', '/v2beta2'));
    expect(code).to.equal(1);
    expect(out).to.contain(
      'apiVersion: no matches for kind "HorizontalPodAutoscaler" in version "autoscaling/v2beta2"\n    write apiVersion: autoscaling/v2;',
    );
  });

  it('sees a kind that is nearly one of ours', async () => {
    expect((await run(['-'], valid.replace('PodAutoscaler', 'PodAutoScaler'))).out).to.contain('<stdin>:2:1: error: ');
    expect((await run(['-'], valid.replace('autoscaling/v2', 'apps/v1'))).code).to.equal(1);
  });

  it('writes JSON for programs', async () => {
    const { code, out } = await run([
      '-o',
      'json',
      await file('a.yaml', invalid.replace('maxReplicas: 0', 'maxReplicas: x')),
    ]);
    expect(code).to.equal(1);
    const message =
      'json: cannot unmarshal string into Go struct field HorizontalPodAutoscalerSpec.spec.maxReplicas of type int32';
    expect(JSON.parse(out)).to.deep.equal({
      autoscalers: [
        {
          file: '/a.yaml',
          line: 1,
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          namespace: '',
          name: 'web',
          valid: false,
          answer: `HorizontalPodAutoscaler in version "v2" cannot be handled as a HorizontalPodAutoscaler: ${message}`,
          findings: [
            {
              severity: 'error',
              file: '/a.yaml',
              line: 6,
              column: 16,
              object: 'HorizontalPodAutoscaler default/web',
              field: 'spec.maxReplicas',
              message,
              advice: 'write the number without quotes',
            },
          ],
        },
      ],
      others: [],
      skipped: [],
    });
  });

  it('colors for a terminal only', async () => {
    const path = await file('a.yaml', invalid);
    expect((await run([path], '', true)).out).to.contain('\u001b[31merror:\u001b[0m');
    expect((await run([path])).out).to.not.contain('\u001b');
  });

  it('keeps what a file holds from driving the terminal', async () => {
    const evil = valid.replace('{name: web}', '{name: "web\\n\\e[2J\\u202e"}');
    const { out } = await run(['-'], evil);
    expect(out).to.contain('error: HorizontalPodAutoscaler default/web\\n\\x1b[2J\\u202e: metadata.name: ');
    expect((await run(['-'], evil.replace('autoscaling/v2', 'v1').replace(/kind.*/, 'kind: Pod'))).out).to.equal(
      'skipped, being no autoscalers: Pod web\\n\\x1b[2J\\u202e (<stdin>:1)\n0 autoscalers: 0 valid, 0 invalid, 0 warnings\n',
    );
  });

  it('explains itself', async () => {
    const { code, out } = await run(['--help']);
    expect(code).to.equal(0);
    expect(out).to.contain('Usage: headroom check [flags] FILE...');
  });

  it('has no objection to files without autoscalers', async () => {
    expect(await run([await file('a.yaml', '# nothing\n')])).to.include({
      code: 0,
      out: '0 autoscalers: 0 valid, 0 invalid, 0 warnings\n',
    });
  });
});
