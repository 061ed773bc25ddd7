// Pure: a long list as YAML, item by item, so that it is never held whole.
import type { ListFrame } from './json-encoder.ts';
import { type StampedBytes, withStamp } from './stamped-bytes.ts';
import { jsonToYaml, jsonToYamlItem } from './yaml.ts';

/** Characters gathered before they are handed to the connection. */
const chunkLength = 65_536;

/** `frame` and `items` are JSON. The frame's one empty list, under a key of the root, is where the items go. */
export function* yamlList(items: Iterable<StampedBytes>, frame: ListFrame, stamp: Buffer): Generator<Buffer> {
  const empty = jsonToYaml(Buffer.concat([frame.prefix, frame.suffix]).toString('latin1'));
  const [before = '', after = ''] = empty.split(/(?<=^\w+:) \[\]$/m, 2);
  let text = '';
  let isEmpty = true;
  for (const item of items) {
    text += (isEmpty ? `${before}\n` : '') + jsonToYamlItem(withStamp(item, stamp).toString('utf8'));
    isEmpty = false;
    if (text.length < chunkLength) continue;
    yield Buffer.from(text, 'utf8');
    text = '';
  }
  yield Buffer.from(isEmpty ? empty : text + after.slice(1), 'utf8');
}
