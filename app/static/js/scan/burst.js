// @ts-check
/* Tells a scanner from fingers by rhythm alone. Pure: times in, decisions out. */

export const LONGEST_GAP_MS = 50;
export const SHORTEST_BURST = 3;
export const IDLE_MS = 120;

/** A run of keys, each close behind the one before. */
export class Burst {
  /** @param {number} longestGapMs tunable up to 100 for slow radios */
  constructor(longestGapMs = LONGEST_GAP_MS) {
    this.longestGapMs = longestGapMs;
    this.count = 0;
    this.last = -Infinity;
  }

  /** One more character at this time. Answers whether it begins a new run. @param {number} time */
  key(time) {
    const isNew = time - this.last > this.longestGapMs;
    this.count = isNew ? 1 : this.count + 1;
    this.last = time;
    return isNew;
  }

  /** Whether what came so far was too fast for fingers. */
  get isScan() {
    return this.count >= SHORTEST_BURST;
  }

  /** Whether a key at this time still belongs to the run: the end of line of a scan does. @param {number} time */
  continues(time) {
    return time - this.last <= Math.max(IDLE_MS, this.longestGapMs);
  }

  reset() {
    this.count = 0;
    this.last = -Infinity;
  }
}
