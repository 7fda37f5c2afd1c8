// A picture that the server stores, as something an image can show.
import { useEffect, useState } from 'react'
import type { PictureKind } from '../api/shapes'
import { forget } from '../platform/picture'
import { journey } from './use-journey'

/** `null` while it is on its way, or if there is none; fetched anew when `revision` changes. */
export function useStored(kind: PictureKind, wanted: boolean, revision: number): string | null {
  const [source, setSource] = useState<string | null>(null)
  useEffect(() => {
    if (!wanted) return undefined
    let mine = true
    let got: string | null = null
    journey.picture(kind).then(
      (found) => {
        got = found
        if (mine) setSource(found)
        else forget(found)
      },
      () => undefined,
    )
    return () => {
      mine = false
      setSource(null)
      if (got !== null) forget(got)
    }
  }, [kind, wanted, revision])
  return source
}
