// Pure: a long text in pieces.

/** Characters gathered before they are handed to the connection. */
const chunkLength = 65_536;

/** The texts one behind the other, as UTF-8, in chunks of about 64 KiB. They are asked for one at a time, so that they are never held whole. */
export function* textChunks(texts: Iterable<string>): Generator<Buffer> {
  let gathered = '';
  for (const text of texts) {
    gathered += text;
    if (gathered.length < chunkLength) continue;
    yield Buffer.from(gathered, 'utf8');
    gathered = '';
  }
  if (gathered !== '') yield Buffer.from(gathered, 'utf8');
}
