// Types only: what stays the same while the demo runs, for whoever shows it.
import type { LoadLevel } from './load-course.ts';
import type { Example } from './manifests.ts';

export interface Scene {
  /** `3 simulated nodes`. */
  readonly nodes: string;
  readonly example: Example;
  /** What the load does: `0.8 cores`; short, it stands beside a chart. */
  readonly loadTexts: Readonly<Record<LoadLevel, string>>;
  /** What differs from a usual set-up, so that nobody wonders about the times. */
  readonly remarks: readonly string[];
  /** Lines for another terminal. */
  readonly commands: readonly string[];
  /** How long the load lasts; undefined: until Ctrl-C. */
  readonly forMs: number | undefined;
}
