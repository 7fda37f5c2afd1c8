// Screen 8, first half: the separate consent to the face comparison.
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box, Heading, PhoneLink, Press } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Paragraphs } from '../ui/reading'
import { Screen } from '../ui/screen'

export function Consent() {
  const { t, say } = useSpeech()
  const { collection, entry, under_way } = useJourney()
  const consent = entry?.face_consent
  const office = collection?.office
  return (
    <Screen
      name="consent"
      title={t.consent.title}
      intro={t.consent.intro}
      keys={
        <>
          <Press
            kind="primary"
            onPress={() => void journey.verify()}
            busy={under_way === 'verify'}
            disabled={!consent}
            testId="consent-submit"
          >
            {t.consent.submit}
          </Press>
          <Press
            kind="quiet"
            onPress={() => void journey.step('retakePhoto')}
            busy={under_way === 'retakePhoto'}
            testId="consent-retake"
          >
            {t.consent.retake}
          </Press>
        </>
      }
    >
      <Box as="section" className="panel" testId="consent-text">
        {consent ? (
          <>
            <Heading level={2} className="panel-title">
              {say(consent.title)}
            </Heading>
            <Paragraphs text={say(consent.body)} />
          </>
        ) : (
          <Box as="p">{t.wait.loading}</Box>
        )}
      </Box>
      {office && (
        <Callout tone="plain">
          <Box as="p">{t.consent.otherway(office.name)}</Box>
          <PhoneLink number={office.phone} className="phone-key">
            {t.help.call(office.phone)}
          </PhoneLink>
        </Callout>
      )}
    </Screen>
  )
}
