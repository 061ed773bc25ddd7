// Edge: where built binaries and named clusters live, outside the checkout.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The cache folder: $HEADROOM_CACHE_DIR, else $XDG_CACHE_HOME/headroom, else ~/.cache/headroom. Always absolute; not created. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['HEADROOM_CACHE_DIR'];
  if (own !== undefined && own !== '') {
    return resolve(own);
  }
  const xdg = env['XDG_CACHE_HOME'];
  return xdg !== undefined && xdg !== '' ? resolve(xdg, 'headroom') : join(homedir(), '.cache', 'headroom');
}
