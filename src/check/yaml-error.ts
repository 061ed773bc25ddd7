// Text that is not YAML, or YAML that cannot become JSON.
import type { Position } from './types.ts';

export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly at: Position;

  constructor(message: string, at: Position) {
    super(message);
    this.at = at;
  }
}
