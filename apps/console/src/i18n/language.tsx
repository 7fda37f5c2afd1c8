// The language of the page: Simplified Chinese unless another was chosen on this machine.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import type { Text } from '../api/shapes'
import { en } from './en'
import { zh, type Texts } from './zh'

export type Language = 'zh' | 'en'
const TEXTS: Record<Language, Texts> = { zh, en }
const KEY = 'zhaoyan.console.language'

export interface Speech {
  language: Language
  t: Texts
  /** What the server says in both languages. */
  said: (text: Text) => string
  change: (language: Language) => void
}

const Context = createContext<Speech | null>(null)

export function Speaking({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => (localStorage.getItem(KEY) === 'en' ? 'en' : 'zh'))
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  }, [language])
  const speech = useMemo<Speech>(
    () => ({
      language,
      t: TEXTS[language],
      said: (text) => text[language],
      change: (chosen) => {
        localStorage.setItem(KEY, chosen)
        setLanguage(chosen)
      },
    }),
    [language],
  )
  return <Context.Provider value={speech}>{children}</Context.Provider>
}

export function useSpeech(): Speech {
  const speech = useContext(Context)
  if (!speech) throw new Error('nobody speaks here')
  return speech
}

/** The word for a name that the server says; the name itself where there is none. */
export const word = (words: Record<string, string>, name: string | null | undefined): string =>
  name === null || name === undefined ? '—' : Object.hasOwn(words, name) ? (words[name] ?? name) : name
