// Pure: one scalar of a YAML document -> its value, as go.yaml.in/yaml/v2 reads it: quotes, tags and escapes.
import type { Scalar } from 'yaml';
import { type JsonScalar, readPlainScalar } from './plain-scalar.ts';
import type { Position } from './types.ts';
import { YamlError } from './yaml-error.ts';

const standardTags = 'tag:yaml.org,2002:';
/** Tags that read text as a value, quoted or not. Any other makes a string of it. */
const valueTags = ['int', 'float', 'bool', 'null'] as const;

/** `source` is the text of the scalar in the document, `positionAt` where an offset into it stands. Throws YamlError. */
export function readScalar(scalar: Scalar, source: string, positionAt: (offset: number) => Position): JsonScalar {
  const text = String(scalar.value);
  if (scalar.type === 'QUOTE_DOUBLE') refuseEscapes(source, positionAt);
  if (scalar.tag === undefined) {
    return scalar.type === 'PLAIN' ? jsonValue(text, positionAt(0)) : { kind: 'string', value: text };
  }
  if (scalar.tag === `${standardTags}binary`) return { kind: 'string', value: readBase64(text, positionAt(0)) };
  const wanted = valueTags.find((name) => scalar.tag === standardTags + name);
  if (wanted === undefined) return { kind: 'string', value: text };
  const value = jsonValue(text, positionAt(0));
  const found = tagsOf(value);
  if (!found.includes(wanted)) {
    throw new YamlError(`cannot decode !!${found[0]} \`${text}\` as a !!${wanted}`, positionAt(0));
  }
  return value;
}

function jsonValue(text: string, at: Position): JsonScalar {
  const value = readPlainScalar(text);
  if (value.kind === 'no JSON') throw new YamlError(`json: unsupported value: ${value.printed}`, at);
  return value;
}

/** The tags that a value can have, the one that Go names first. */
function tagsOf(value: JsonScalar): readonly [string, ...string[]] {
  switch (value.kind) {
    case 'string':
      return ['str'];
    case 'boolean':
      return ['bool'];
    case 'null':
      return ['null'];
    case 'number':
      return /^-?[0-9]+$/.test(value.text) ? ['int', 'float'] : ['float'];
  }
}

/** The parser knows more escapes than Go does, which JSON inside of YAML may have. */
function refuseEscapes(source: string, positionAt: (offset: number) => Position): void {
  for (const { index, 1: slash, 2: surrogate } of source.matchAll(/\\(?:(\/)|(u[dD][89a-fA-F])|.)/gs)) {
    if (slash !== undefined) throw new YamlError('found unknown escape character', positionAt(index));
    if (surrogate !== undefined) {
      throw new YamlError('found invalid Unicode character escape code', positionAt(index));
    }
  }
}

function readBase64(text: string, at: Position): string {
  const digits = text.replaceAll(/[\r\n]/g, '');
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(digits)) {
    throw new YamlError('!!binary value contains invalid base64 data', at);
  }
  return Buffer.from(digits, 'base64').toString();
}
