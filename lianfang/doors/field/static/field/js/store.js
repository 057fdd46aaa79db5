// What the phone keeps, in IndexedDB: nothing here is lost by a reload, a closed browser or a new version.
//
//   meta       the device's key, the post with its forms and protocol, settings
//   queue      every entry made here, until it has been sent and for a while after
//   held       vehicles and people that wait for a second measurement
//   seen       what this phone has registered lately, by plate or document
//   handovers  feverish people on their way to the clinic

const NAME = "lianfang-field";
const VERSION = 1;

/** The phone has no room left; nothing of the last change was kept. */
export class StorageFull extends Error {}

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const base = request.result;
      base.createObjectStore("meta");
      base.createObjectStore("queue", { keyPath: "id" }).createIndex("state", "state");
      base.createObjectStore("held", { keyPath: "id" });
      const seen = base.createObjectStore("seen", { keyPath: "id" });
      seen.createIndex("key", "key");
      seen.createIndex("at", "at");
      base.createObjectStore("handovers", { keyPath: "id" });
    };
    request.onsuccess = () => {
      // A newer version in another tab must be able to change the tables.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

function promise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Do something in one transaction and wait until it is on the disk.
 * @template T
 * @param {string[]} names the tables
 * @param {(tables: Record<string, IDBObjectStore>) => T | Promise<T>} work asks requests only of these tables
 * @returns {Promise<T>}
 * @throws {StorageFull} the phone has no room
 */
export async function change(names, work) {
  const base = await open();
  const transaction = base.transaction(names, "readwrite", { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
  done.catch(() => undefined); // It is awaited below; the work may fail first.
  try {
    const result = await work(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
    await done;
    return result;
  } catch (fault) {
    const cause = transaction.error ?? fault;
    try {
      transaction.abort();
    } catch {
      // It had ended already.
    }
    throw cause?.name === "QuotaExceededError" ? new StorageFull(cause.message) : cause;
  }
}

async function read(name, ask) {
  const base = await open();
  return promise(ask(base.transaction(name).objectStore(name)));
}

/** Await one request inside {@link change}. */
export const asked = promise;

/** Read one remembered value. */
export const meta = (key) => read("meta", (table) => table.get(key));

/** Remember one value. */
export const setMeta = (key, value) => change(["meta"], (tables) => void tables.meta.put(value, key));

/** Forget one value. */
export const dropMeta = (key) => change(["meta"], (tables) => void tables.meta.delete(key));

export const get = (name, key) => read(name, (table) => table.get(key));
export const all = (name) => read(name, (table) => table.getAll());
export const put = (name, value) => change([name], (tables) => void tables[name].put(value));
export const remove = (name, key) => change([name], (tables) => void tables[name].delete(key));

/** Every row whose index has the value, oldest id first. */
export const where = (name, index, value, most) =>
  read(name, (table) => table.index(index).getAll(value, most));

/** How many rows have the value. */
export const count = (name, index, value) => read(name, (table) => table.index(index).count(value));

/** Rows of `seen` from an instant on. */
export const since = (at) => read("seen", (table) => table.index("at").getAll(IDBKeyRange.lowerBound(at)));

/** Ask the browser not to clear this away when the phone runs low; whether it agreed. */
export async function persist() {
  if (!navigator.storage?.persist) return false;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}
