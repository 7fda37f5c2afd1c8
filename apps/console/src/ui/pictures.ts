// Candidates' pictures. Each is fetched only when it is wanted, for every look goes on record, and let go when it is wanted no longer.
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, ask } from '../api/client'
import { problemFrom, type Problem } from '../api/problem'

export const KINDS = ['card_portrait', 'card_emblem', 'card_face', 'capture', 'preview', 'photo'] as const
export type PictureKind = (typeof KINDS)[number]

export interface Wanted {
  registration: string
  kind: PictureKind
}

/** A picture's address in this page, or why there is none; neither while it is on its way. */
export interface Held {
  url?: string
  problem?: Problem
}

export interface Pictures {
  of: (wanted: Wanted) => Held
  /** Asks once more for what did not come. */
  again: (wanted: Wanted) => void
}

const nameOf = ({ registration, kind }: Wanted) => `${kind}/${registration}`
const ON_ITS_WAY: Held = {}

export function usePictures(exam: string, wanted: readonly Wanted[]): Pictures {
  const held = useRef(new Map<string, Held>())
  const [, setDrawn] = useState(0)
  const draw = useCallback(() => setDrawn((n) => n + 1), [])
  const fetchOne = useCallback(
    (one: Wanted) => {
      const name = nameOf(one)
      const mine: Held = {}
      held.current.set(name, mine)
      const path = { exam, ...one }
      ask(api.GET('/api/v1/office/exams/{exam}/candidates/{registration}/pictures/{kind}', { params: { path }, parseAs: 'blob' }))
        .then((blob): Held => ({ url: URL.createObjectURL(blob) }), (thrown: unknown): Held => ({ problem: problemFrom(thrown) }))
        .then((got) => {
          // Meanwhile it may be wanted no longer.
          if (held.current.get(name) === mine) held.current.set(name, got)
          else if (got.url) URL.revokeObjectURL(got.url)
          draw()
        })
    },
    [exam, draw],
  )
  const names = wanted.map(nameOf).join('\n')
  const now = useRef(wanted)
  now.current = wanted
  useEffect(() => {
    const keep = new Set(names.split('\n'))
    for (const [name, { url }] of held.current) {
      if (keep.has(name)) continue
      if (url) URL.revokeObjectURL(url)
      held.current.delete(name)
    }
    for (const one of now.current) if (!held.current.has(nameOf(one))) fetchOne(one)
    draw()
  }, [names, fetchOne, draw])
  useEffect(() => {
    const all = held.current
    return () => {
      for (const { url } of all.values()) if (url) URL.revokeObjectURL(url)
      all.clear()
    }
  }, [fetchOne])
  return {
    of: (one) => held.current.get(nameOf(one)) ?? ON_ITS_WAY,
    again: (one) => {
      fetchOne(one)
      draw()
    },
  }
}
