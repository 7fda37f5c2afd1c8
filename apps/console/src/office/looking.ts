// What was looked for last in each exam session, so that coming back from a candidate finds the same list. In memory only, for it may be
// a name or a number; gone with the session.
import type { Search } from '../api/shapes'
import { session } from '../session/session'

export const WAYS = ['registration', 'number', 'phone', 'name'] as const
export type Way = (typeof WAYS)[number]

export interface Looking {
  /** By what, once something was searched for. */
  by: Way
  value: string
  /** A state that the list is narrowed to, when nothing is searched for. */
  state: string | null
  /** `after` of each page up to this one; the first has none. */
  afters: string[]
}

export const ANYBODY: Looking = { by: 'registration', value: '', state: null, afters: [] }

export function searchOf({ by, value, state, afters }: Looking): Search {
  const after = afters.at(-1)
  if (value) return { [by]: value, ...(after ? { after } : {}) }
  return { ...(state ? { state } : {}), ...(after ? { after } : {}) }
}

const held = new Map<string, Looking>()
session.subscribe(() => held.clear())

export const lookingIn = (exam: string): Looking => held.get(exam) ?? ANYBODY
export const keepLooking = (exam: string, looking: Looking): void => void held.set(exam, looking)
