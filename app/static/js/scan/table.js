// @ts-check
/* The decision table: what was scanned × what is pending. The rows are data that the server reads
   too; this module only finds the first row that matches. */

/** @import { CommandCard, DecisionRow, Mode, Phase, ScannedKind } from "../lib/types.js" */

/** @typedef {{scanned: ScannedKind, pending: Phase, mode: Mode, facts: Set<string>}} Situation */

/** @returns {Promise<{rows: DecisionRow[], commands: CommandCard[]}>} */
export async function loadTable() {
  const response = await fetch(new URL("./decision-table.json", import.meta.url));
  return response.json();
}

/** @param {DecisionRow[]} rows @param {Situation} situation @returns {DecisionRow} */
export function decide(rows, situation) {
  const row = rows.find((each) => matches(each, situation));
  if (!row) throw new Error(`No row for ${situation.scanned} with ${situation.pending}`);
  return row;
}

/** @param {DecisionRow} row @param {Situation} situation */
function matches(row, { scanned, pending, mode, facts }) {
  return row.scanned === scanned
    && row.pending.includes(pending)
    && (!row.mode || row.mode === mode)
    && (!row.when || facts.has(row.when));
}
