import { expect } from 'chai';
import { check } from '../../src/check/check.ts';
import { readDocuments } from '../../src/check/documents.ts';
import { valueOf } from '../../src/check/tree.ts';

/** The documents of a text as plain values; the message of those that cannot be read. */
function read(text: string): unknown[] {
  return readDocuments('a.yaml', text).map((one) => ('root' in one ? valueOf(one.root) : one.message));
}

const settings = { namespace: 'default', scaleToZero: false };
const spec = '{scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}';
const hpa = (more = ''): string =>
  `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: ${spec}\n${more}`;

/** `line:column field` of every finding. */
function places(text: string): string[] {
  const { autoscalers, others } = check([{ file: 'a.yaml', text }], settings);
  return [...autoscalers.flatMap((one) => one.findings), ...others].map(
    ({ at, field }) => `${at.line}:${at.column} ${field}`,
  );
}

describe('documents of a file', () => {
  it('are split at lines of three dashes', () => {
    expect(read('a: 1\n---\na: 2\n--- # and on\na: 3\n')).to.deep.equal([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it('are not split at dashes inside a text', () => {
    expect(read('a: |\n  ---\n  b\n')).to.deep.equal([{ a: '---\nb\n' }]);
  });

  it('count for nothing when they hold nothing', () => {
    expect(read('---\n# nothing\n---\n\n---\na: 1\n---')).to.deep.equal([{ a: 1 }]);
  });

  it('may be JSON, one or several', () => {
    expect(read('{"a": 1}\n{"a": [true, null, "\\u00e4"]}')).to.deep.equal([{ a: 1 }, { a: [true, null, 'ä'] }]);
  });

  it('may be YAML that starts with a brace', () => {
    expect(read('{a: 1}')).to.deep.equal([{ a: 1 }]);
  });

  it('may have Windows lines and a byte order mark', () => {
    expect(read('\uFEFFa: 1\r\n---\r\na: 2\r\n')).to.deep.equal([{ a: 1 }, { a: 2 }]);
  });

  it('spell out anchors', () => {
    expect(read('a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n')).to.deep.equal([
      { a: { b: 1 }, c: { b: 1 }, d: { b: 1, e: 2 } },
    ]);
  });

  it('that are no YAML do not stop those after them', () => {
    const [first, second] = read('a: [\n---\na: 1\n');
    expect(first).to.match(/^error converting YAML to JSON: yaml: /);
    expect(second).to.deep.equal({ a: 1 });
  });

  it('follow a separator that is none, which is told too', () => {
    expect(read('a: 1\n----\na: 2\n--- a: 3\n')).to.deep.equal([
      { a: 1 },
      'invalid Yaml document separator: -',
      { a: 2 },
      'invalid Yaml document separator: a: 3',
    ]);
    expect(places('a: 1\n----\n')).to.deep.equal(['1:1 ', '2:1 ']);
  });

  it('after three dots are not read, which is told', () => {
    expect(read('a: 1\n...\n# nothing\n')).to.deep.equal([{ a: 1 }]);
    const [first, second, third] = read('a: 1\n...\na: 2\n---\na: 3\n');
    expect([first, third]).to.deep.equal([{ a: 1 }, { a: 3 }]);
    expect(second).to.match(/^nothing from here on is read: /);
  });

  it('of JSON may hold texts of any length', () => {
    const text = 'x\u007f'.repeat(5_000_000);
    expect(read(`{"a": "${text}"}`)[0])
      .to.have.property('a')
      .with.length(10_000_000);
  });

  it('of JSON count up to the first mistake', () => {
    expect(read('{"a": 1}\n{"a": 2}\n{"a": 3, "b" 4}')).to.deep.equal([
      { a: 1 },
      { a: 2 },
      "json: invalid character '4'",
    ]);
  });

  it('that are neither JSON nor YAML are told by the mistake that is further on', () => {
    expect(places('{\n  "a": 1,\n  "b": 2\n  "c": 3\n}')).to.deep.equal(['4:3 ']);
    expect(places('{a: 1, b: [}')).to.deep.equal(['1:12 ']);
  });

  it('that explode are refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++)
      lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
    expect(read(lines.join('\n'))).to.deep.equal([
      'error converting YAML to JSON: yaml: document contains excessive aliasing',
    ]);
  });

  it('that are huge without aliases are not', () => {
    const items = '- x\n'.repeat(200_001);
    expect(read(`items:\n${items}`)).to.have.nested.property('[0].items.length', 200_001);
  }).timeout(60_000);

  it('nested without end are refused', () => {
    expect(read('['.repeat(5000))).to.deep.equal(['error converting YAML to JSON: yaml: exceeded max depth']);
  });
});

describe('a YAML document, as the API server reads it,', () => {
  const broken = (text: string, message: string): void => {
    it(`is refused: ${JSON.stringify(text)}`, () => {
      expect(read(text)).to.deep.equal([`error converting YAML to JSON: ${message}`]);
    });
  };
  const holds = (text: string, value: unknown): void => {
    it(`may hold ${JSON.stringify(text)}`, () => {
      expect(read(`a: ${text}\n`)).to.deep.equal([{ a: value }]);
    });
  };

  broken('a: 1 # \u0007\n', 'yaml: control characters are not allowed');
  broken('a: "\u007f"\n', 'yaml: control characters are not allowed');
  broken('a: "x\\/y"\n', 'yaml: found unknown escape character');
  broken('a: "\\ud83d\\ude00"\n', 'yaml: found invalid Unicode character escape code');
  broken('a: .nan\n', 'json: unsupported value: NaN');
  broken('a: -.Inf\n', 'json: unsupported value: -Inf');
  broken('a: !!int x\n', 'yaml: cannot decode !!str `x` as a !!int');
  broken('a: !!int 1.5\n', 'yaml: cannot decode !!float `1.5` as a !!int');
  broken('a: !!bool 1\n', 'yaml: cannot decode !!int `1` as a !!bool');
  broken('a: !!binary "*"\n', 'yaml: !!binary value contains invalid base64 data');
  broken('[a]: 1\n', 'yaml: unsupported map key');

  holds('"\\\\/ \\\\ud83d \\U0001F600"', '\\/ \\ud83d 😀');
  holds('"\\x07"', '\u0007');
  holds("'.nan'", '.nan');
  holds('!!int "5"', 5);
  holds('!!float 5', 5);
  holds('!!str 5', '5');
  holds('! 5', '5');
  holds('!mine 5', '5');
  holds('!!binary aGVsbG8=', 'hello');
  holds('!!timestamp 2026-11-21', '2026-11-21');

  it('may have an alias for a key', () => {
    expect(read('a: &x k\n*x : 1\n')).to.deep.equal([{ a: 'k', k: 1 }]);
  });
});

describe('the advice about a document that cannot be read', () => {
  const advises = (text: string, advice: string | RegExp): void => {
    it(`${JSON.stringify(text)}: ${String(advice)}`, () => {
      const [finding] = check([{ file: 'a.yaml', text }], settings).others;
      expect(finding?.advice).to.match(new RegExp(advice));
    });
  };
  advises('a:\n\tb: 1\n', 'indent with spaces');
  advises('a: {{ .Values.a }}\n', 'helm template');
  advises('{{- if .Values.a }}\na: 1\n{{- end }}\n', 'helm template');
  advises('%YAML 1.2\n---\na: 1\n', 'begin with %');
  advises('a: .inf\n', 'write a number');
  advises('a: \u0000\n', 'remove it');
  advises('a: [\n', 'mend the syntax');
  advises('a: 1\n', 'add apiVersion and kind');
  advises('- a\n', 'one object per document');
});

describe('a finding points at', () => {
  it('the name of the field', () => {
    expect(places(hpa().replace('maxReplicas: 3', 'maxReplicas: 0'))).to.deep.equal([
      '4:76 spec.maxReplicas',
      '4:76 spec.maxReplicas',
    ]);
  });

  it('the object that lacks the field', () => {
    expect(places(hpa().replace(', maxReplicas: 3', ''))).to.deep.equal([
      '4:1 spec.maxReplicas',
      '4:1 spec.maxReplicas',
    ]);
  });

  it('the line of the file, in any document', () => {
    expect(places(`# one\n---\n${hpa()}---\n${hpa('foo: 1\n')}`)).to.include('12:1 foo');
  });

  it('the place in JSON', () => {
    const json =
      '{\n  "apiVersion": "autoscaling/v2",\n  "kind": "HorizontalPodAutoscaler",\n  "foo": 1,\n  "metadata": {"name": "web"},\n  "spec": {"maxReplicas": 1, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "D", "name": "d"}}\n}';
    expect(places(json)).to.include('4:3 foo');
  });

  it('the item of a List, whose paths begin at the item', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: autoscaling/v2\n  kind: HorizontalPodAutoscaler\n  metadata: {name: web}\n  foo: 1\n  foo: 2\n  spec: ${spec}\n`;
    expect(places(list)).to.deep.equal(['8:3 foo', '8:3 foo']);
  });

  it('the item of a typed list, which need not name its type', () => {
    const list = `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscalerList\nitems:\n- metadata: {name: web}\n  foo: 1\n  spec: ${spec}\n`;
    expect(places(list)).to.deep.equal(['5:3 foo']);
  });

  it('the annotation that holds the part', () => {
    const annotation = 'annotations: {\n  autoscaling.alpha.kubernetes.io/metrics: \'[{"type": "Foo"}]\'}';
    const v1 = hpa().replace('/v2', '/v1').replace('{name: web}', `{name: web,\n  ${annotation}}`);
    expect(places(v1)).to.deep.equal(['5:3 spec.metrics[0].type']);
  });

  it('the field of v1 that became a metric', () => {
    const v1 = hpa()
      .replace('/v2', '/v1')
      .replace('maxReplicas: 3', 'maxReplicas: 3,\n  targetCPUUtilizationPercentage: 0');
    expect(places(v1)).to.deep.equal(['5:3 spec.metrics[0].resource.target.averageUtilization']);
  });

  it('what is no object', () => {
    expect(places('- a\n- b\n')).to.deep.equal(['1:1 ']);
    expect(places('a: 1\n')).to.deep.equal(['1:1 ']);
  });
});
