// Screen 10: the collection has failed; whom to ask, and no way on.
import { useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box, PhoneLink, Words } from '../ui/kit'
import { Screen } from '../ui/screen'

export function Failed() {
  const { t } = useSpeech()
  const { collection } = useJourney()
  if (!collection) return null
  const { office, attempts } = collection
  return (
    <Screen
      name="failed"
      title={t.failed.title}
      intro={t.failed.intro(attempts.allowed)}
      centred
      mark={<Words className="verdict verdict-bad" decoration>✗</Words>}
    >
      <Box as="section" className="panel ask" testId="failed">
        <Box as="p">{t.failed.ask(office.name)}</Box>
        <PhoneLink number={office.phone} className="phone-key" testId="failed-phone">
          {t.help.call(office.phone)}
        </PhoneLink>
      </Box>
    </Screen>
  )
}
