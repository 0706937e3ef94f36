// @ts-check
/* The way out when nothing else goes: everything that this device holds, as a file. No tokens. */
import { allEvents, allScans } from "../offline/log.js";
import { get } from "../offline/db.js";
import { h } from "../lib/dom.js";

export async function saveQueueAsFile() {
  const device = await get("device");
  const content = { device, saved_at: new Date().toISOString(), scans: await allScans(), events: await allEvents() };
  const blob = new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
  const address = URL.createObjectURL(blob);
  const stamp = content.saved_at.slice(0, 16).replace(/[:T]/g, "-");
  h("a", { href: address, download: `rollcall-${stamp}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
