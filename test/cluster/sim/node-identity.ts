// Pure: the name and the loopback address of each simulated node.

/** The largest number of nodes that one range of addresses can name. */
const maximumNodes = 250 * 250 * 100;

/**
 * Address of node `index` (from 0): one of 127.0.0.0/8, beginning at 127.`firstOctet`.1.1, never ending in 0 or 255.
 * Two clusters on one machine choose different first octets, or different ports.
 */
export function nodeAddress(index: number, firstOctet = 16): string {
  if (index < 0 || index >= maximumNodes) throw new RangeError(`node index ${index} has no loopback address`);
  const last = (index % 250) + 1;
  const third = (Math.floor(index / 250) % 250) + 1;
  const second = firstOctet + Math.floor(index / 62_500);
  return `127.${second}.${third}.${last}`;
}

/** `sim-0`, `sim-1`, …: the name of node `index`. */
export function nodeName(prefix: string, index: number): string {
  return `${prefix}${index}`;
}

/** Address of the pod in `slot` (0..250) of node `index`: each node owns a /24 of 10.0.0.0/8. */
export function podAddress(index: number, slot: number): string {
  return `10.${(index >> 8) & 255}.${index & 255}.${(slot % 251) + 2}`;
}
