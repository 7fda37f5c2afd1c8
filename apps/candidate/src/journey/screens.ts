// Which screen belongs to which state: the page shows what the server says, and nothing else decides it.
import type { Collection, State } from '../api/shapes'

export type ScreenName =
  | 'home'
  | 'login'
  | 'desk'
  | 'card'
  | 'confirm'
  | 'blocked'
  | 'advisory'
  | 'photo'
  | 'check'
  | 'consent'
  | 'warned'
  | 'inspection'
  | 'verifying'
  | 'refused'
  | 'success'
  | 'failed'
  | 'status'

export const SCREEN_OF: Record<State, ScreenName> = {
  card: 'card',
  confirm: 'confirm',
  blocked: 'blocked',
  advisory: 'advisory',
  photo: 'photo',
  review: 'check',
  consent: 'consent',
  warned: 'warned',
  inspection: 'inspection',
  verifying: 'verifying',
  refused: 'refused',
  completed: 'success',
  failed: 'failed',
}

/** The screen for a collection. A photo that was judged and not accepted is shown with its reasons first. */
export function screenOf(collection: Collection): ScreenName {
  if (collection.state === 'photo' && collection.photo && !collection.photo.accepted) return 'check'
  return SCREEN_OF[collection.state]
}

/** Where the page listens for changes that come without the candidate: `live` at once, `slow` now and then. */
export const WATCHED: Partial<Record<State, 'live' | 'slow'>> = {
  verifying: 'live',
  inspection: 'slow',
  blocked: 'slow',
}

/** The five stages shown at the top of every screen after login. */
export const STAGES = ['card', 'confirm', 'photo', 'verify', 'done'] as const
export type Stage = (typeof STAGES)[number]

export const STAGE_OF: Record<ScreenName, Stage | null> = {
  home: null,
  login: null,
  desk: null,
  card: 'card',
  confirm: 'confirm',
  blocked: 'confirm',
  advisory: 'confirm',
  photo: 'photo',
  check: 'photo',
  consent: 'verify',
  warned: 'verify',
  inspection: 'verify',
  verifying: 'verify',
  refused: 'verify',
  success: 'done',
  failed: null,
  status: null,
}
