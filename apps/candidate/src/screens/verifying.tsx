// Screen 8, second half: waiting for the platform's answer.
import { useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'
import { StatusLink } from '../ui/status'

export function Verifying() {
  const { t, say } = useSpeech()
  const { collection } = useJourney()
  const verification = collection?.verification
  const delayed = verification?.status === 'delayed'
  return (
    <Screen
      name="verifying"
      title={t.verifying.title}
      intro={delayed ? undefined : t.verifying.intro}
      centred
      mark={<Box className={delayed ? 'spinner spinner-slow' : 'spinner'} decoration />}
    >
      <Box live="polite" testId="verify-wait">
        {delayed ? (
          <Callout tone="mind" testId="verify-delayed">
            <Box as="p">{say(verification.message)}</Box>
            <StatusLink />
          </Callout>
        ) : (
          verification && (
            <Box as="p" className="verify-words">
              {say(verification.message)}
            </Box>
          )
        )}
      </Box>
      <Box as="p" className="small">
        {t.verifying.stay}
      </Box>
    </Screen>
  )
}
