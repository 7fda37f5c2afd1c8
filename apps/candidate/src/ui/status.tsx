// What works and what does not, asked for now and then; and the way to the page that tells it.
import { useEffect, useState } from 'react'
import { askStatus } from '../api/client'
import { PARTS, type Status } from '../api/shapes'
import { journey } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box, Press } from './kit'
import { Callout } from './notice'

/** What was told last; nothing before the first answer, `unreachable` when none came. */
export function useStatus(everyS: number): Status | 'unreachable' | null {
  const [seen, setSeen] = useState<Status | 'unreachable' | null>(null)
  useEffect(() => {
    let on = true
    const look = () =>
      askStatus().then(
        (status) => on && setSeen(status),
        () => on && setSeen('unreachable'),
      )
    void look()
    const timer = setInterval(() => void look(), everyS * 1000)
    return () => {
      on = false
      clearInterval(timer)
    }
  }, [everyS])
  return seen
}

export function StatusLink() {
  const { t } = useSpeech()
  return (
    <Press kind="quiet" className="status-link" onPress={journey.lookAtStatus} testId="status-link">
      {t.status.link}
    </Press>
  )
}

/** Stands empty while everything works. */
export function Outages() {
  const { t } = useSpeech()
  const seen = useStatus(30)
  const broken = seen !== null && seen !== 'unreachable' && PARTS.filter((part) => seen[part].state !== 'working')
  return (
    <Box live="polite">
      {broken && broken.length > 0 && (
        <Callout tone="mind" testId="outages">
          {broken.map((part) => (
            <Box as="p" key={part}>
              {t.status.words[part][seen[part].state]}
            </Box>
          ))}
          <StatusLink />
        </Callout>
      )}
    </Box>
  )
}
