// The states of a collection, in the order of the journey; the server's crates/domain/src/collection.rs says what may follow what.

export const STATES = [
  'card', 'confirm', 'blocked', 'advisory', 'photo', 'review', 'consent', 'warned', 'inspection', 'verifying', 'refused', 'completed', 'failed',
] as const
export type State = (typeof STATES)[number]

const STEP: Record<State, number> = {
  card: 0, confirm: 1, blocked: 1, advisory: 1, photo: 2, review: 2, consent: 3, warned: 3, inspection: 3, verifying: 3, refused: 3, completed: 4, failed: 3,
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

/** An acceptable photo is there, and the platform is not being asked. */
const HANDED_IN: readonly State[] = ['review', 'consent', 'warned', 'inspection', 'refused']

const isOneOf = (states: readonly State[], state: string | null | undefined): boolean => states.includes(state as State)

/** Only a collection that has failed can be reopened. */
export const canReopen = (state: string | null | undefined): boolean => state === 'failed'

/** Only with an acceptable photo, before the platform was asked or after it said no. */
export const canComplete = (state: string | null | undefined): boolean => isOneOf(HANDED_IN, state)

/** The card once it is there, the photo once it was acceptable; neither while the platform is asked, nor once failed: that is reopened. */
export const canTakeBack = {
  card: (state: string | null | undefined): boolean => !!state && !isOneOf(['card', 'verifying', 'failed'], state),
  photo: (state: string | null | undefined): boolean => state === 'completed' || isOneOf(HANDED_IN, state),
}

/** Only what was delivered once. */
export const canRedeliver = (state: string | null | undefined): boolean => state === 'completed'

/** Before the end, also before the first login. */
export const canCaptureAtDesk = (state: string | null | undefined): boolean => state !== 'completed' && state !== 'failed'
