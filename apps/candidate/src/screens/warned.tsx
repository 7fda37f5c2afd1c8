// Screen 8, between its halves: the photo looks unlike the card's picture, and the candidate decides.
import { journey, useJourney } from '../journey/use-journey'
import { useStored } from '../journey/use-picture'
import { useSpeech } from '../i18n/language'
import { Box, Press, Shown } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'

function Side({ source, words, testId }: { source: string | null; words: string; testId: string }) {
  return (
    <Box as="figure" className="one-picture">
      <Box className="one-picture-frame">
        {source && <Shown source={source} alt={words} className="made-image" boxed testId={testId} />}
      </Box>
      <Box as="figcaption" className="small">
        {words}
      </Box>
    </Box>
  )
}

export function Warned() {
  const { t, say } = useSpeech()
  const { collection, revisions, under_way } = useJourney()
  const comparison = collection?.comparison ?? null
  const onCard = useStored('card_face', comparison?.card_face === true, revisions.portrait)
  const made = useStored('photo', comparison !== null, revisions.photo)
  if (!collection || !comparison) return null
  return (
    <Screen
      name="warned"
      title={t.warned.title}
      intro={t.warned.notYet(collection.attempts.left)}
      keys={
        <>
          <Press
            kind="primary"
            onPress={() => void journey.step('retakePhoto')}
            busy={under_way === 'retakePhoto'}
            testId="warned-retake"
          >
            {t.warned.retake}
          </Press>
          <Press
            kind="secondary"
            onPress={() => void journey.step('allTheSame')}
            busy={under_way === 'allTheSame'}
            testId="warned-submit"
          >
            {t.warned.allTheSame}
          </Press>
        </>
      }
    >
      <Callout tone="mind" testId="warned-message">
        <Box as="p">{say(comparison.message)}</Box>
      </Callout>
      <Box className="two-pictures">
        {comparison.card_face && <Side source={onCard} words={t.warned.onCard} testId="warned-card" />}
        <Side source={made} words={t.warned.made} testId="warned-photo" />
      </Box>
    </Screen>
  )
}
