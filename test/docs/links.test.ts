// The documents' links and paths lead to files, and every page can be reached from the README.
import { posix } from 'node:path';
import { expect } from 'chai';
import { findProjectFiles, readProjectFile } from '../support/markdown.ts';

const start = 'README.md';
const documents = findProjectFiles('{*.md,{bench,config,demo,docs,scripts,src,test}/**/*.md}');
const pages = documents.filter((path) => path.startsWith('docs/'));

describe('the documents', () => {
  it('are found', () => {
    expect(documents).to.include.members([
      start,
      'CONTRIBUTING.md',
      'config/README.md',
      'docs/adr/0002-own-reflector.md',
    ]);
  });

  for (const document of documents) {
    it(`${document} links to files and headings that exist`, () => {
      const broken = linksOf(document).filter(({ path, heading }) => !exists(path) || !hasHeading(path, heading));
      expect(broken.map(({ text }) => text)).to.deep.equal([]);
    });

    it(`${document} names paths that exist`, () => {
      expect(namedPathsOf(document).filter((path) => !exists(path))).to.deep.equal([]);
    });
  }

  it('can all be reached from the README', () => {
    const reached = new Set([start]);
    for (const document of reached) {
      for (const { path } of linksOf(document)) if (documents.includes(path)) reached.add(path);
    }
    expect(pages.filter((page) => !reached.has(page))).to.deep.equal([]);
  });

  it('are all in the index of docs', () => {
    const listed = new Set(linksOf('docs/README.md').map(({ path }) => path));
    expect(pages.filter((page) => page !== 'docs/README.md' && !listed.has(page))).to.deep.equal([]);
  });
});

interface Link {
  /** As it is written. */
  readonly text: string;
  /** From the root of the project. */
  readonly path: string;
  /** Behind the #; '' for none. */
  readonly heading: string;
}

function linksOf(document: string): readonly Link[] {
  const targets = [...withoutCode(readProjectFile(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, target = '']) => target,
  );
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((text) => {
      const [file = '', heading = ''] = text.split('#');
      const path = file === '' ? document : posix.join(posix.dirname(document), file);
      return { text, path, heading };
    });
}

/** Paths below the folders of code, in backticks; globs are paths too. A line number and what follows a blank are left out. */
function namedPathsOf(document: string): readonly string[] {
  const quoted = [
    ...readProjectFile(document).matchAll(/`((?:src|test|config|scripts|bench|demo|docs)\/[^\s`…<>]*)`/g),
  ];
  return quoted.map(([, path = '']) => path.replace(/:\d+$/, '').replace(/\/$/, ''));
}

function exists(pattern: string): boolean {
  return findProjectFiles(pattern).length > 0;
}

/** Headings have the anchors that GitHub gives them. */
function hasHeading(path: string, anchor: string): boolean {
  if (anchor === '') return true;
  const headings = withoutBlocks(readProjectFile(path)).match(/^#+ .*$/gm) ?? [];
  return headings.map((line) => anchorOf(line.replace(/^#+ /, ''))).includes(anchor);
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** Without what is quoted as code, in which brackets are no links. */
function withoutCode(text: string): string {
  return withoutBlocks(text).replace(/`[^`\n]*`/g, '');
}

function withoutBlocks(text: string): string {
  return text.replace(/^```.*?^```$/gms, '');
}
