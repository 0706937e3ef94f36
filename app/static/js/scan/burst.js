// @ts-check
/* Tells a scanner from fingers by rhythm alone. Pure: times in, decisions out. One late key does
   not cut a code in two: radios and busy tablets stutter, fingers are slow throughout. */

export const LONGEST_GAP_MS = 50;
export const SHORTEST_BURST = 3;
export const IDLE_MS = 120;
const FAST_SHARE = 0.8;

/** A run of keys without a pause between them. */
export class Burst {
  /** @param {number} longestGapMs tunable up to 100 for slow radios */
  constructor(longestGapMs = LONGEST_GAP_MS) {
    this.longestGapMs = longestGapMs;
    this.count = 0;
    this.fast = 0;
    this.last = -Infinity;
  }

  /** One more character at this time. Answers whether it begins a new run. @param {number} time */
  key(time) {
    const gap = time - this.last;
    const isNew = gap > IDLE_MS;
    this.count = isNew ? 1 : this.count + 1;
    this.fast = isNew ? 0 : this.fast + Number(gap <= this.longestGapMs);
    this.last = time;
    return isNew;
  }

  /** Whether what came so far was too fast for fingers. */
  get isScan() {
    return this.count >= SHORTEST_BURST && this.fast >= FAST_SHARE * (this.count - 1);
  }

  /** Whether a key at this time still belongs to the run: the end of line of a scan does. @param {number} time */
  continues(time) {
    return time - this.last <= IDLE_MS;
  }

  reset() {
    this.count = 0;
    this.fast = 0;
    this.last = -Infinity;
  }
}
