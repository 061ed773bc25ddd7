// Pure: what must stay true of Headroom and of everybody else's requests, whatever is thrown at it.

/**
 * The aggregator gives an APIService 5 s before it calls it unavailable. What the machine itself was late meanwhile, on both ends, comes on top: the
 * timers of the watching thread tell.
 */
export const answerWithinMs = 5_000;
/** Whose own review is due every 10 s waits behind those of invented tokens, which come first, as long as one may take. */
export const answerToTokensWithinMs = 10_000;
/** A node is scraped every 10 s; its samples are at most a cycle and the time of a scrape old, and one scrape may be missed. */
export const sampleAtMostMs = 30_000;
/** Resident memory at its peak: a full budget of bodies, 2,000 connections, and Node itself. */
export const memoryAtMostBytes = 1_024 * 1024 * 1024;
/** Half a request may keep its connection so long: 32 s for the head, found at the next look (every 30 s), and a busy machine. */
export const halfRequestAtMostMs = 75_000;
/** Pathological bodies of the largest size must be read in this time by one parser: more would hold up everybody. */
export const parseAtMostMs = 2_000;
/** Ten seconds, counted from when Headroom gets to see a connection. */
export const handshakeAtMostMs = 30_000;
