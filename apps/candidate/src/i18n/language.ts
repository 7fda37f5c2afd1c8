// The language that the pages speak: Chinese unless the candidate switched.
import { useSyncExternalStore } from 'react'
import type { Text } from '../api/shapes'
import { recall, remember } from '../platform/storage'
import { en } from './en'
import { zh, type Texts } from './zh'

export type Language = 'zh' | 'en'

const KEY = 'zhaoyan.language'
const TEXTS: Record<Language, Texts> = { zh, en }

const listeners = new Set<() => void>()
let language: Language = recall(KEY) === 'en' ? 'en' : 'zh'

export function speak(chosen: Language): void {
  language = chosen
  remember(KEY, chosen)
  listeners.forEach((listener) => listener())
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export interface Speech {
  language: Language
  /** The pages' own words. */
  t: Texts
  /** The server's words. */
  say: (text: Text) => string
}

export function useSpeech(): Speech {
  const now = useSyncExternalStore(
    subscribe,
    () => language,
    () => language,
  )
  return { language: now, t: TEXTS[now], say: (text) => text[now] }
}
