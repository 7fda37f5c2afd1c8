// The states of a collection, in the order of the journey; the server's crates/domain/src/collection.rs says what may follow what.

export const STATES = [
  'card', 'confirm', 'blocked', 'advisory', 'photo', 'review', 'consent', 'warned', 'verifying', 'refused', 'completed', 'failed',
] as const
export type State = (typeof STATES)[number]

const STEP: Record<State, number> = {
  card: 0, confirm: 1, blocked: 1, advisory: 1, photo: 2, review: 2, consent: 3, warned: 3, verifying: 3, refused: 3, completed: 4, failed: 3,
}

/** Which of the five steps a state belongs to: card, confirm, photo, verify, done. */
export const stepOf = (state: string | null | undefined): number => STEP[state as State] ?? -1

export type Tone = 'success' | 'error' | 'warning' | 'processing' | 'default'

/** How a state looks; its word always stands beside it. */
export function toneOf(state: string | null | undefined): Tone {
  if (state === 'completed') return 'success'
  if (state === 'failed' || state === 'blocked' || state === 'refused') return 'error'
  if (state === 'warned' || state === 'advisory') return 'warning'
  return state ? 'processing' : 'default'
}

/** Only a collection that has failed can be reopened. */
export const canReopen = (state: string | null | undefined): boolean => state === 'failed'

/** Only with an acceptable photo, before the platform was asked or after it said no. */
export const canComplete = (state: string | null | undefined): boolean =>
  state === 'review' || state === 'consent' || state === 'warned' || state === 'refused'
