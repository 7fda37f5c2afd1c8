// Reviewing photos by keyboard: which key does what, and the reasons for which a photo is not passed.
import type { WaitingPhoto } from '../api/shapes'

/** What is chosen most, in an order that stays: hands learn it. The digits are 1 to 9. */
export const REASONS = [
  'unlike', 'head_pose', 'eyes_open', 'eyes_visible', 'glasses_glare', 'illumination_even', 'background_uniform', 'sharpness', 'other',
] as const

export interface ReasonChoice {
  id: string
  /** The key that chooses it; what only this photo was warned of has none. */
  digit: number | null
}

export const reasonsFor = ({ findings }: Pick<WaitingPhoto, 'findings'>): ReasonChoice[] => [
  ...REASONS.map((id, at) => ({ id, digit: at + 1 })),
  ...findings.filter(({ id }) => !(REASONS as readonly string[]).includes(id)).map(({ id }) => ({ id, digit: null })),
]

export type Act = { act: 'pass' | 'refuse' | 'confirm' | 'cancel' | 'next' | 'previous' } | { act: 'reason'; digit: number }

/** Where the focus is: in a field that takes what is typed, on what Enter presses by itself, in a dialog, or on none of these. */
export type Place = 'text' | 'pressed' | 'dialog' | 'free'

export interface Key {
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  repeat: boolean
  isComposing: boolean
}

const LOOKING: Record<string, Act> = {
  KeyP: { act: 'pass' },
  KeyR: { act: 'refuse' },
  ArrowRight: { act: 'next' },
  ArrowLeft: { act: 'previous' },
}

/** By the key's place on the keyboard, so that an input method changes nothing. */
export function actOf(key: Key, refusing: boolean, place: Place): Act | null {
  if (key.ctrlKey || key.metaKey || key.altKey || key.repeat || key.isComposing || place === 'dialog') return null
  if (refusing) {
    if (key.code === 'Escape') return { act: 'cancel' }
    if (key.code === 'Enter' || key.code === 'NumpadEnter') return place === 'pressed' ? null : { act: 'confirm' }
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(key.code)?.[1]
    return digit && place !== 'text' ? { act: 'reason', digit: Number(digit) } : null
  }
  return place === 'text' ? null : (LOOKING[key.code] ?? null)
}

const TYPED = 'input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable="true"]'

/** An element's place. */
export function placeOf(element: Element | null): Place {
  if (element?.closest('[role="dialog"]')) return 'dialog'
  if (element?.matches(TYPED)) return 'text'
  return element?.matches('button, a, summary') ? 'pressed' : 'free'
}
