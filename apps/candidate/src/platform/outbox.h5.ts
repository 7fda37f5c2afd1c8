// Pictures on their way, kept in the browser so that a reload in the middle of an upload loses none.
import type { Slot } from '../api/shapes'
import type { Picture } from './picture'

const DATABASE = 'zhaoyan'
const STORE = 'outbox'

/** Milliseconds after which a picture that never got through is no longer wanted. */
const KEPT_MS = 60 * 60 * 1000

interface Kept {
  picture: Picture
  at: number
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(new Error('the browser keeps nothing'))
  })
}

/** Runs one request; `undefined` where the browser keeps nothing, which only costs the safety against a reload. */
async function run<T>(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const database = await open()
    return await new Promise<T>((resolve, reject) => {
      const request = ask(database.transaction(STORE, mode).objectStore(STORE))
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(new Error('the browser keeps nothing'))
      request.transaction?.addEventListener('complete', () => database.close())
    })
  } catch {
    return undefined
  }
}

export async function keep(slot: Slot, picture: Picture): Promise<void> {
  const kept: Kept = { picture, at: Date.now() }
  await run('readwrite', (store) => store.put(kept, slot))
}

export async function drop(slot: Slot): Promise<void> {
  await run('readwrite', (store) => store.delete(slot))
}

export async function dropAll(): Promise<void> {
  await run('readwrite', (store) => store.clear())
}

export async function kept(slot: Slot): Promise<Picture | null> {
  const found = await run<unknown>('readonly', (store) => store.get(slot))
  const it = found as Kept | undefined
  return it && Date.now() - it.at < KEPT_MS ? it.picture : null
}
