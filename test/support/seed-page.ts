// Pure: docs/seeds.md from the table in seed-commands.ts.
import {
  placeVariables,
  type SeedSection,
  seedSections,
  seedVariables,
  type ToldLine,
  type TypedLine,
} from './seed-commands.ts';

const intro = `# What the courses teach, typed today

If you learnt metrics-server and the HorizontalPodAutoscaler from a course of the years 2018 to 2023, this page says what to type on Kubernetes 1.36 with
Headroom, what you then see, and why it differs. It follows the order of such a course.

The second column is typed by test/e2e/seeds.e2e.ts into a shell, line by line, with the kubectl of that Kubernetes on a real control plane, and the third is
what the test then looks for: \`…\` stands for anything, and the lines shown are those that matter. *Not tested* names the reason. Lines for *a real node* are typed where
the machine can run one. Manifests are in [config/samples](../config/samples), rewritten for today. NAMESPACE and POD stand for the course's own; here they are
\`eladmin\` and whatever pod there is.

## Variables

Lines below use these. The tests set them with the same commands.
`;

export function seedPage(): string {
  const lines = [intro, '| variable | set it with | in the tests |', '|---|---|---|'];
  for (const [name, value] of Object.entries(seedVariables))
    lines.push(row([code(name), code(`${name}=${value}`), 'the same']));
  for (const [name, { cluster, tests }] of Object.entries(placeVariables)) {
    lines.push(row([code(name), code(`${name}=${cluster}`), tests]));
  }
  return `${[...lines, ...seedSections.flatMap(section)].join('\n')}\n`;
}

function section({ title, lines, notes }: SeedSection): string[] {
  return [
    '',
    `## ${title}`,
    '',
    '| the course shows | type today | you see |',
    '|---|---|---|',
    ...lines.map((line) => row('untested' in line ? told(line) : typed(line))),
    '',
    ...notes.map((note) => `- ${note}`),
  ];
}

function told({ course, type, untested }: ToldLine): string[] {
  return [course, type === undefined ? 'nothing' : code(type), `*not tested:* ${untested}`];
}

function typed(line: TypedLine): string[] {
  const remarks = [
    ...(line.place === undefined ? [] : [`on ${line.place}`]),
    ...(line.given === undefined ? [] : [line.given]),
    ...(line.withinSeconds === undefined ? [] : [`within ${line.withinSeconds} s`]),
    ...(line.exitCode === undefined ? [] : [`exit code ${line.exitCode}`]),
    ...(line.typedAs === undefined ? [] : [`in the tests ${code(line.typedAs)}`]),
  ];
  const seen = line.see.map(code).join('<br>');
  return [line.course, code(line.type), remarks.length === 0 ? seen : `${seen}<br>(${remarks.join('; ')})`];
}

/** A code span, also for text that holds backticks. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A bar inside a cell has to be escaped, in code spans, too. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`;
}
