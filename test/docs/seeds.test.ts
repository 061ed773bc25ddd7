import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runCommand } from '../cluster/processes.ts';
import {
  courseArguments,
  placeVariables,
  type SeedSection,
  seedSections,
  seedVariables,
  type TypedLine,
} from '../support/seed-commands.ts';
import { firstUnseen } from '../support/seed-shell.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const typedLines = seedSections.flatMap(({ lines }: SeedSection) =>
  lines.filter((line): line is TypedLine => 'see' in line),
);

describe('docs/seeds.md', () => {
  const page = readFileSync(`${root}docs/seeds.md`, 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('|---'));
  /** The second cell without its code marks, of rows below "type today". */
  const typeCells = rows
    .map((line) => line.split(/(?<!\\)\|/).map((each) => each.trim().replaceAll('\\|', '|')))
    .filter(
      ([, , , seen = '']) => !['the same', ...Object.values(placeVariables).map(({ tests }) => tests)].includes(seen),
    )
    .filter(([, , second = '']) => !['type today', 'set it with'].includes(second))
    .map(([, , second = '', third = '']) => ({
      type: second.replaceAll(/^`|`$/g, ''),
      isTested: !third.startsWith('*not tested:*'),
    }));

  it('has in its column "type today" the lines that the end-to-end test types, in their order, and those it says are not tested', () => {
    expect(typeCells.filter(({ isTested }) => isTested).map(({ type }) => type)).to.deep.equal(
      typedLines.map(({ type }) => type),
    );
    expect(typeCells.filter(({ isTested }) => !isTested)).to.have.length(
      seedSections.flatMap(({ lines }) => lines).length - typedLines.length,
    );
  });

  it('names the arguments of courses, which Headroom runs with', () => {
    for (const argument of courseArguments) expect(page).to.include(`\`${argument}\``);
  });

  it('leads to files that exist', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link);
    expect(links).to.not.deep.equal([]);
    for (const link of links) expect(existsSync(`${root}docs/${link}`), link).to.equal(true);
  });
});

describe('the lines of docs/seeds.md', () => {
  it('each say what is seen', () => {
    for (const { type, see } of typedLines) expect(see, type).to.not.deep.equal([]);
  });

  it('use no variable that the page does not set', () => {
    const known = [...Object.keys(seedVariables), ...Object.keys(placeVariables)];
    for (const { type } of typedLines) {
      // A dollar sign before anything else is sed's end of line.
      const used = [...type.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name);
      for (const name of used) expect(known, type).to.include(name);
    }
  });

  it('name manifests that exist, and leave no manifest of a course out', () => {
    const named = new Set(typedLines.flatMap(({ type }) => type.match(/config\/[\w./-]+/g) ?? []));
    for (const path of named) expect(existsSync(`${root}${path}`), path).to.equal(true);
    const samples = readdirSync(`${root}config/samples`).filter((file) => file.startsWith('course-'));
    expect(samples).to.not.deep.equal([]);
    for (const file of samples) expect([...named]).to.include(`config/samples/${file}`);
  });
});

describe('what is seen of an output', () => {
  const check = (title: string, output: string, expected: readonly string[], unseen: string | undefined): void => {
    it(title, () => expect(firstUnseen(output, expected)).to.equal(unseen));
  };
  const table = 'NAME    CPU(cores)   CPU(%)   \nnode1   50m          1%       \nnode2   70m          2%       \n';
  check('is the same line, whatever the blanks', table, ['NAME CPU(cores) CPU(%)', 'node1 50m 1%'], undefined);
  check('has anything where an ellipsis is', table, ['node1 …m …%'], undefined);
  check('may have other lines between', table, ['NAME CPU(cores) CPU(%)', 'node2 70m 2%'], undefined);
  check('comes in the order given', table, ['node2 70m 2%', 'node1 50m 1%'], 'node1 50m 1%');
  check('is not one line for two', table, ['… …m …%', '… …m …%', '… …m …%'], '… …m …%');
  check('is a whole line', table, ['node1 50m'], 'node1 50m');
  check('takes signs of patterns as they are', 'CPUxcoresx', ['CPU(cores)'], 'CPU(cores)');
});

describe('the stand-in for curl', () => {
  it('sends headers and the user agent of curl, and prints the body', async () => {
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      requests.push(request);
      response.end('the body\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/path//twice`;
    const standIn = fileURLToPath(new URL('../support/curl-stand-in.ts', import.meta.url));
    const answer = await runCommand([process.execPath, standIn, '-sk', '-H', 'Authorization: Bearer a:b', url]);
    server.close();
    expect(answer).to.deep.equal({ stdout: 'the body\n', stderr: '', code: 0 });
    expect(requests[0]?.url).to.equal('/path//twice');
    expect(requests[0]?.headers).to.include({ authorization: 'Bearer a:b', 'user-agent': 'curl/8' });
  });
});
