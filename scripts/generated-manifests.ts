// Pure: the manifests that are generated from code, by path. scripts/manifests.ts writes them; a test compares them.
import { stringify } from 'yaml';
import { customResourceDefinition } from '../src/crd/schema/definition.ts';

/** Path from the root of the project -> its text. */
export const generatedManifests: Readonly<Record<string, () => string>> = {
  'config/crd/autoscaling.headroom.dev_headroomautoscalers.yaml': () =>
    `# Generated from src/crd/schema by \`npm run manifests\`. Do not edit.\n${yaml(customResourceDefinition)}`,
};

/** Long descriptions are folded, and equal parts written out: anchors confuse readers and some tools. */
function yaml(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 120 });
}
