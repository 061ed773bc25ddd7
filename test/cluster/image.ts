// Edge: container images made by hand from a static busybox, since nothing can be pulled.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './processes.ts';

const BUSYBOX_PATH = '/bin/busybox';
const APPLETS = [
  'cat',
  'date',
  'echo',
  'env',
  'false',
  'ls',
  'mkdir',
  'nc',
  'rm',
  'sh',
  'sleep',
  'touch',
  'true',
  'wget',
];

export interface ImageSpec {
  /** Such as `headroom.test/workload:1`. */
  readonly reference: string;
  readonly command: readonly string[];
}

/** Builds a docker-archive with all the images, which share their only layer. Returns its path below `dir`. */
export async function buildImageArchive(dir: string, images: readonly ImageSpec[]): Promise<string> {
  const layerPath = await buildLayer(dir);
  const layerDigest = await sha256Of(layerPath);
  const archiveDirectory = join(dir, 'archive');
  await mkdir(archiveDirectory, { recursive: true });
  await copyFile(layerPath, join(archiveDirectory, 'layer.tar'));
  const manifest = await Promise.all(
    images.map(async ({ reference, command }) => {
      const config = JSON.stringify({
        architecture: process.arch === 'x64' ? 'amd64' : process.arch,
        os: 'linux',
        config: { Cmd: command, Env: ['PATH=/bin'] },
        rootfs: { type: 'layers', diff_ids: [`sha256:${layerDigest}`] },
      });
      const name = `${createHash('sha256').update(config).digest('hex')}.json`;
      await writeFile(join(archiveDirectory, name), config);
      return { Config: name, RepoTags: [reference], Layers: ['layer.tar'] };
    }),
  );
  await writeFile(join(archiveDirectory, 'manifest.json'), JSON.stringify(manifest));
  return createTar(archiveDirectory, join(dir, 'images.tar'));
}

async function buildLayer(dir: string): Promise<string> {
  const root = join(dir, 'rootfs');
  await mkdir(join(root, 'bin'), { recursive: true });
  await mkdir(join(root, 'tmp'), { recursive: true });
  await copyFile(BUSYBOX_PATH, join(root, 'bin', 'busybox'));
  await Promise.all(APPLETS.map((applet) => symlink('busybox', join(root, 'bin', applet))));
  return createTar(root, join(dir, 'layer.tar'));
}

async function createTar(source: string, target: string): Promise<string> {
  const answer = await runCommand([
    'tar',
    '-C',
    source,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '-cf',
    target,
    '.',
  ]);
  if (answer.code !== 0) {
    throw new Error(`building a container image: ${answer.stderr.trim()}`);
  }
  return target;
}

async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
