// Pure: a small document - a Status, discovery - in the encoding that was negotiated.
import { mediaTypes, type Representation } from './accept.ts';
import type { Answer } from './answer.ts';
import { indentJson } from './go-json.ts';
import { jsonToYaml } from './yaml.ts';

export interface ApiDocument {
  /** Compact, without a newline at its end. The YAML is made of it. */
  readonly json: string;
  readonly protobuf: Buffer;
}

/** `contentType` is that of the encoding unless it has parameters. Compact JSON ends with a newline, indented JSON does not. */
export function documentAnswer(
  { json, protobuf }: ApiDocument,
  { encoding, pretty }: Pick<Representation, 'encoding' | 'pretty'>,
  code = 200,
  contentType: string = mediaTypes[encoding],
): Answer {
  switch (encoding) {
    case 'json':
      return { code, contentType, body: Buffer.from(pretty ? indentJson(json) : `${json}\n`) };
    case 'yaml':
      return { code, contentType, body: Buffer.from(jsonToYaml(json)) };
    case 'protobuf':
      return { code, contentType, body: protobuf };
  }
}
