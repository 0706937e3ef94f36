// Long work may be left alone: whatever desk page one is on, a notice says when it is done.
// A page of work under way names it (data-work); every page asks after those that were named.
// @ts-check

const KEY = "rollcall.work";
const EVERY_MS = 5000;
const MOST = 5;

/** @param {HTMLElement} element either work under way, or the place for notices */
export function mount(element) {
  const work = element.dataset.work;
  if (work) {
    remember([...named().filter((path) => path !== work), work].slice(-MOST));
    return undefined;
  }
  const timer = setInterval(() => void askAll(element), EVERY_MS);
  void askAll(element);
  return () => clearInterval(timer);
}

/** @param {HTMLElement} place */
async function askAll(place) {
  if (document.hidden) return;
  for (const path of named()) {
    if (path === location.pathname) {
      // Whoever looks at it sees for themselves; it is asked after only once it was left.
      if (!document.querySelector("[data-work]")) forget(path);
      continue;
    }
    const answer = await ask(path);
    if (answer === null) forget(path);
    if (!answer?.is_done) continue;
    forget(path);
    tell(place, path, answer.name);
  }
}

/** What became of it; null where it is not there for this person, undefined where nobody answers.
 * @param {string} path @returns {Promise<{is_done: boolean, name: string}|null|undefined>} */
async function ask(path) {
  try {
    const answer = await fetch(`${path}state`, { headers: { Accept: "application/json" } });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.ok && isJson) return await answer.json();
    return answer.status >= 500 ? undefined : null;
  } catch {
    return undefined;
  }
}

/** @param {HTMLElement} place @param {string} path @param {string} name */
function tell(place, path, name) {
  const notice = document.createElement("div");
  notice.className = "toast";
  notice.dataset.state = "ok";
  const link = document.createElement("a");
  link.href = path;
  link.textContent = "See what became of it";
  notice.append(`${name} is done. `, link);
  place.replaceChildren(notice);
}

/** @returns {string[]} */
function named() {
  try {
    const paths = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(paths) ? paths.filter((path) => /^\/[\w/-]+\/$/.test(path)) : [];
  } catch {
    return [];
  }
}

/** @param {string} path */
const forget = (path) => remember(named().filter((other) => other !== path));

/** @param {string[]} paths */
function remember(paths) {
  try {
    localStorage.setItem(KEY, JSON.stringify(paths));
  } catch {
    // Without storage there is no notice; the list of imports says the same.
  }
}
