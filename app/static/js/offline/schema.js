// @ts-check
/* What the device's store is made of. Upgrades only ever add. */

const NAME = "rollcall";
const VERSION = 1;

/** @param {() => void} letGo called when the connection can no longer be used @returns {Promise<IDBDatabase>} */
export function connect(letGo) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => upgrade(request.result);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = letGo;
      request.result.onclose = letGo;
      resolve(request.result);
    };
  });
}

/** @param {IDBDatabase} database */
function upgrade(database) {
  database.createObjectStore("kv");
  database.createObjectStore("acts", { keyPath: "id" });
  const scans = database.createObjectStore("scans", { keyPath: "scan_seq" });
  scans.createIndex("became", "became");
  const events = database.createObjectStore("events", { keyPath: "id" });
  events.createIndex("state", ["state", "seq"]);
  events.createIndex("act", "act_id");
  events.createIndex("seq", "seq");
}
