// Pure: a long list as YAML, item by item, so that it is never held whole.
import type { ListFrame } from './json-encoder.ts';
import { jsonToYaml, jsonToYamlItem } from './yaml.ts';

/** Characters gathered before they are handed to the connection. */
const chunkLength = 65_536;

/** `frame` and `items` are JSON. The frame's one empty list, under a key of the root, is where the items go. */
export function* yamlList(items: Iterable<string>, frame: ListFrame): Generator<Buffer> {
  const empty = jsonToYaml(frame.prefix + frame.suffix);
  const [before = '', after = ''] = empty.split(/(?<=^\w+:) \[\]$/m, 2);
  let text = '';
  let isEmpty = true;
  for (const item of items) {
    text += (isEmpty ? `${before}\n` : '') + jsonToYamlItem(item);
    isEmpty = false;
    if (text.length < chunkLength) continue;
    yield Buffer.from(text, 'utf8');
    text = '';
  }
  yield Buffer.from(isEmpty ? empty : text + after.slice(1), 'utf8');
}
