// What the page knows at a moment; screens are drawn from it.
import type { Step } from '../api/client'
import type { Collection, Entry, Slot, Text } from '../api/shapes'

/** A picture on its way to the server. */
export interface Upload {
  /** `sending` bytes move; `judging` the server looks at it; `failed` it was not taken, `text` says why. */
  phase: 'sending' | 'judging' | 'failed'
  /** Share sent, 0 to 1. */
  progress: number
  /** What an image can show. */
  preview: string
  text: Text | null
  /** Whether sending the same picture again can help. */
  again: boolean
}

/** Why requests have to wait, and until when (milliseconds since 1970). */
export interface Trouble {
  because: 'offline' | 'busy'
  until: number
}

export interface Situation {
  /** The first answer about a remembered session has come, or there is none. */
  loaded: boolean
  token: string | null
  /** Where a candidate without a session is. */
  place: 'home' | 'login' | 'desk'
  /** What works is looked at; the screen below stays as it is. */
  looking: boolean
  entry: Entry | null
  collection: Collection | null
  trouble: Trouble | null
  /** What the last step came to, if it has to be told. */
  notice: Text | null
  /** The step whose answer is awaited. */
  under_way: Step | 'typeName' | 'verify' | null
  uploads: Record<Slot, Upload | null>
  /** Grows when a slot's stored picture has changed. */
  revisions: Record<Slot, number>
}

export const NO_UPLOADS: Situation['uploads'] = { portrait: null, emblem: null, photo: null }

export const AT_FIRST: Situation = {
  loaded: false,
  token: null,
  place: 'home',
  looking: false,
  entry: null,
  collection: null,
  trouble: null,
  notice: null,
  under_way: null,
  uploads: NO_UPLOADS,
  revisions: { portrait: 0, emblem: 0, photo: 0 },
}
