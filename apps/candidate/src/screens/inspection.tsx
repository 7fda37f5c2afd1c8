// Screen 8, between its halves: the photo waits for somebody of the office to look at it.
import { journey, useJourney } from '../journey/use-journey'
import { useStored } from '../journey/use-picture'
import { useSpeech } from '../i18n/language'
import { Box, Press, Shown } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'

export function Inspection() {
  const { t, say } = useSpeech()
  const { collection, revisions, under_way } = useJourney()
  const made = useStored('photo', collection !== null, revisions.photo)
  return (
    <Screen
      name="inspection"
      title={t.inspection.title}
      keys={
        <Press
          kind="secondary"
          onPress={() => void journey.step('retakePhoto')}
          busy={under_way === 'retakePhoto'}
          testId="inspection-retake"
        >
          {t.inspection.retake}
        </Press>
      }
    >
      <Box live="polite">
        {collection?.verification && (
          <Callout tone="mind" testId="inspection-wait">
            <Box as="p">{say(collection.verification.message)}</Box>
          </Callout>
        )}
      </Box>
      <Box className="two-pictures">
        <Box as="figure" className="one-picture">
          <Box className="one-picture-frame">
            {made && (
              <Shown source={made} alt={t.verifying.picture} className="made-image" boxed testId="inspection-photo" />
            )}
          </Box>
        </Box>
      </Box>
    </Screen>
  )
}
