// The plain banner while requests wait for the network or for a busy server.
import { useEffect, useState } from 'react'
import { useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box, Words } from './kit'
import { StatusLink } from './status'

/** Whole seconds until `until` (milliseconds since 1970), counted down; 0 once it has passed. */
export function useSecondsUntil(until: number | null): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (until === null) return undefined
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [until])
  return until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1000))
}

export function TroubleBanner() {
  const { t } = useSpeech()
  const { trouble, looking } = useJourney()
  const seconds = useSecondsUntil(trouble?.until ?? null)
  return (
    <Box live="polite" className={trouble === null ? 'trouble' : 'trouble trouble-on'} testId="trouble">
      {trouble !== null && t.trouble[trouble.because]}
      {seconds > 0 && (
        <Words className="trouble-seconds" decoration>
          {t.trouble.seconds(seconds)}
        </Words>
      )}
      {trouble !== null && !looking && <StatusLink />}
    </Box>
  )
}
