// Screen 7: what the photo came to.
import { journey, useJourney } from '../journey/use-journey'
import { useStored } from '../journey/use-picture'
import { useSpeech } from '../i18n/language'
import { Box, Heading, Press, Shown } from '../ui/kit'
import { Marked } from '../ui/marked'
import { marksOf, told } from '../ui/marks'
import { Callout } from '../ui/notice'
import { Reasons } from '../ui/reasons'
import { Screen } from '../ui/screen'

function NotAcceptable() {
  const { t } = useSpeech()
  const { collection, revisions, under_way } = useJourney()
  const reasons = told(collection?.photo?.findings ?? [])
  const more = collection?.photo?.more ?? 0
  const marks = marksOf(reasons)
  const marked = marks.map((one) => one.rank)
  const source = useStored('preview', true, revisions.photo)
  return (
    <Screen
      name="check"
      title={t.check.badTitle}
      intro={t.check.badIntro(reasons.length, more)}
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
      <Reasons findings={reasons} ranked testId="check-reasons" />
      {source && (
        <Box as="figure" className="yours">
          <Marked source={source} alt={t.check.yoursAlt(marked)} marks={marks} testId="check-yours" />
          <Box as="figcaption" className="small">
            {marks.length > 0 ? t.check.yoursMarked : t.check.yours}
          </Box>
        </Box>
      )}
      {more > 0 && (
        <Box as="p" className="small" testId="check-more">
          {t.check.more(more)}
        </Box>
      )}
    </Screen>
  )
}

function Acceptable() {
  const { t } = useSpeech()
  const { collection, revisions, under_way } = useJourney()
  const warnings = (collection?.photo?.findings ?? []).filter((one) => one.outcome === 'warn')
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
      {warnings.length > 0 && (
        <Callout tone="plain" testId="check-warnings">
          <Heading level={2} className="callout-title">
            {t.check.mind}
          </Heading>
          <Reasons findings={warnings} />
        </Callout>
      )}
    </Screen>
  )
}

export function Check() {
  const { collection } = useJourney()
  return collection?.state === 'review' ? <Acceptable /> : <NotAcceptable />
}
