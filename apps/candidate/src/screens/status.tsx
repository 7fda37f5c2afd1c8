// What works, what waits, and that nothing is lost: for whoever meets an outage.
import { PARTS } from '../api/shapes'
import { journey } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { localTime } from '../i18n/time'
import { openedAtStatus } from '../platform/address'
import { useBack } from '../platform/back'
import { Box, Press, Words } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'
import { useStatus } from '../ui/status'

const BADGES = { working: 'badge badge-fine', delayed: 'badge badge-mind', out: 'badge badge-bad' }

export function StatusScreen() {
  const { language, t } = useSpeech()
  const seen = useStatus(15)
  // Opened at its own address there is nothing below it that the phone's back key could come to.
  useBack(!openedAtStatus(), journey.leaveStatus)
  const well = seen !== null && seen !== 'unreachable' && PARTS.every((part) => seen[part].state === 'working')
  return (
    <Screen
      name="status"
      title={t.status.title}
      intro={t.status.intro}
      keys={
        <Press kind="primary" onPress={journey.leaveStatus} testId="status-back">
          {t.status.back}
        </Press>
      }
    >
      <Box live="polite" testId="status-told">
        {seen === null && (
          <Box as="p" className="small">
            {t.wait.loading}
          </Box>
        )}
        {seen === 'unreachable' && (
          <Callout tone="bad" testId="status-unreachable">
            <Box as="p">{t.status.unreachable}</Box>
          </Callout>
        )}
        {well && (
          <Callout tone="fine" testId="status-well">
            <Box as="p">{t.status.well}</Box>
          </Callout>
        )}
        {seen !== null && seen !== 'unreachable' && (
          <Box as="ul" className="parts">
            {PARTS.map((part) => {
              const { state, since } = seen[part]
              return (
                <Box as="li" className="part" key={part} testId={`status-${part}`}>
                  <Box className="part-head">
                    <Words className="part-name">{t.status.parts[part]}</Words>
                    <Words className={BADGES[state]}>{t.status.states[state]}</Words>
                  </Box>
                  {state !== 'working' && (
                    <Box as="p" className="part-words">
                      {t.status.words[part][state]}
                    </Box>
                  )}
                  {since !== null && (
                    <Box as="p" className="part-since">
                      {t.status.since(localTime(since, language))}
                    </Box>
                  )}
                </Box>
              )
            })}
          </Box>
        )}
      </Box>
      <Box as="section" className="panel">
        <Box className="panel-title">{t.status.safe}</Box>
        {t.status.promises.map((promise) => (
          <Box as="p" className="paragraph" key={promise}>
            {promise}
          </Box>
        ))}
      </Box>
    </Screen>
  )
}
