// Screen 7: what the photo came to.
import { journey, useJourney } from '../journey/use-journey'
import { useStored } from '../journey/use-picture'
import { useSpeech } from '../i18n/language'
import { Box, Heading, Press, Shown } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Reasons } from '../ui/reasons'
import { Screen } from '../ui/screen'

function NotAcceptable() {
  const { t } = useSpeech()
  const { collection, revisions, under_way } = useJourney()
  const findings = collection?.photo?.findings ?? []
  const source = useStored('capture', true, revisions.photo)
  return (
    <Screen
      name="check"
      title={t.check.badTitle}
      intro={t.check.badIntro(findings.filter((one) => one.outcome === 'fail').length)}
      keys={
        <Press
          kind="primary"
          onPress={() => void journey.step('retakePhoto')}
          busy={under_way === 'retakePhoto'}
          testId="check-retake"
        >
          {t.check.retake}
        </Press>
      }
    >
      <Reasons findings={findings} counted testId="check-reasons" />
      {source && (
        <Box as="figure" className="yours">
          <Shown source={source} alt={t.check.yours} className="yours-image" boxed />
          <Box as="figcaption" className="small">
            {t.check.yours}
          </Box>
        </Box>
      )}
    </Screen>
  )
}

function Acceptable() {
  const { t } = useSpeech()
  const { collection, revisions, under_way } = useJourney()
  const findings = collection?.photo?.findings ?? []
  const source = useStored('photo', collection?.photo?.made === true, revisions.photo)
  return (
    <Screen
      name="check"
      title={t.check.goodTitle}
      intro={t.check.goodIntro}
      keys={
        <>
          <Press
            kind="primary"
            onPress={() => void journey.step('submitPhoto')}
            busy={under_way === 'submitPhoto'}
            testId="check-submit"
          >
            {t.check.submit}
          </Press>
          <Press
            kind="secondary"
            onPress={() => void journey.step('retakePhoto')}
            busy={under_way === 'retakePhoto'}
            testId="check-retake"
          >
            {t.check.retake}
          </Press>
        </>
      }
    >
      <Box as="figure" className="made">
        <Box className="made-frame">
          {source && <Shown source={source} alt={t.check.made} className="made-image" boxed testId="check-photo" />}
        </Box>
      </Box>
      {findings.some((one) => one.outcome === 'warn') && (
        <Callout tone="plain" testId="check-warnings">
          <Heading level={2} className="callout-title">
            {t.check.mind}
          </Heading>
          <Reasons findings={findings} outcome="warn" />
        </Callout>
      )}
    </Screen>
  )
}

export function Check() {
  const { collection } = useJourney()
  return collection?.state === 'review' ? <Acceptable /> : <NotAcceptable />
}
