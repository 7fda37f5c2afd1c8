// What was looked for last in each exam session, so that coming back from a candidate finds the same list. In memory only, for it may be
// a name or a number; gone with the session.
import type { Search } from '../api/shapes'
import { dayBegins } from '../i18n/time'
import { session } from '../session/session'

export const WAYS = ['registration', 'number', 'phone', 'name'] as const
export type Way = (typeof WAYS)[number]

/** Not a state of a collection: there is none yet. */
export const NOT_BEGUN = 'none'

export interface Looking {
  /** By what, once something was searched for. */
  by: Way
  value: string
  /** What the list is narrowed to when nothing is searched for: a state, a level, days of the last change (the last one included). */
  state: string | null
  level: string | null
  from: string
  until: string
  /** `after` of each page up to this one; the first has none. */
  afters: string[]
}

export const ANYBODY: Looking = { by: 'registration', value: '', state: null, level: null, from: '', until: '', afters: [] }

/** Whether some are left out. */
export const isNarrowed = ({ value, state, level, from, until }: Looking): boolean => [value, state, level, from, until].some(Boolean)

export function searchOf({ by, value, state, level, from, until, afters }: Looking): Search {
  const after = afters.at(-1)
  const wanted: Search = value ? { [by]: value } : { state, level, from: dayBegins(from), until: dayBegins(until, 1) }
  return Object.fromEntries(Object.entries({ ...wanted, after }).filter(([, one]) => one))
}

const held = new Map<string, Looking>()
session.subscribe(() => held.clear())

export const lookingIn = (exam: string): Looking => held.get(exam) ?? ANYBODY
export const keepLooking = (exam: string, looking: Looking): void => void held.set(exam, looking)
