// Flow: asks a real API server about every manifest of the table and writes its answers to answers.json. Run it after a change of the table, or for
// another version of Kubernetes: `node test/check/record.ts`.
import { writeFile } from 'node:fs/promises';
import { startJudges } from './judges.ts';

await using judges = await startJudges();
const answers = await judges.ask();
await writeFile(new URL('answers.json', import.meta.url), `${JSON.stringify(answers, null, 2)}\n`);
console.log(`${Object.keys(answers).length} answers recorded`);
