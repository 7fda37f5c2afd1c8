// Screen 9, not confirmed: 身份核验不通过.
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box, Press, Words } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'

export function Refused() {
  const { t } = useSpeech()
  const { collection, under_way } = useJourney()
  if (!collection) return null
  const { allowed, used, left } = collection.attempts
  return (
    <Screen
      name="refused"
      title={t.refused.title}
      intro={t.refused.intro}
      centred
      mark={<Words className="verdict verdict-bad" decoration>!</Words>}
      keys={
        <Press
          kind="primary"
          onPress={() => void journey.step('retakePhoto')}
          busy={under_way === 'retakePhoto'}
          testId="result-retake"
        >
          {t.refused.retake}
        </Press>
      }
    >
      <Box as="section" className="panel attempts" testId="result-refused">
        <Box className="attempts-marks" decoration>
          {Array.from({ length: allowed }, (_, index) => (
            <Words className={index < used ? 'attempt attempt-used' : 'attempt'} key={index}>
              {index < used ? '✗' : ''}
            </Words>
          ))}
        </Box>
        <Box className="attempts-left" testId="attempts-left">
          {t.refused.left(left)}
        </Box>
        <Box as="p" className="small">
          {t.refused.leftHelp(allowed)}
        </Box>
      </Box>
      {left === 1 && (
        <Callout tone="mind" testId="result-last">
          <Box as="p">{t.refused.last}</Box>
        </Callout>
      )}
    </Screen>
  )
}
