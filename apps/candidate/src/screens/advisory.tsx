// Screen 5b: ethnicity or address differ; the candidate is told and goes on.
import type { Collection } from '../api/shapes'
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Differences } from '../ui/differences'
import { Dialog } from '../ui/dialog'
import { Box, Heading, Press } from '../ui/kit'
import { Notice } from '../ui/notice'
import { LanguageAndLogout } from '../ui/screen'

export function AdvisoryDialog({ collection }: { collection: Collection }) {
  const { t } = useSpeech()
  const { under_way, notice } = useJourney()
  return (
    <Dialog kind="notice" labelledBy="advisory-title" testId="advisory-dialog">
      <LanguageAndLogout />
      <Heading level={2} className="dialog-title" id="advisory-title">
        {t.advisory.title}
      </Heading>
      <Box className="dialog-body">
        <Box as="p">{t.advisory.intro}</Box>
        <Differences items={collection.discrepancies} />
        <Box as="p">{t.advisory.what}</Box>
        <Notice text={notice} />
      </Box>
      <Box className="dialog-keys">
        <Press
          kind="primary"
          onPress={() => void journey.step('seen')}
          busy={under_way === 'seen'}
          testId="advisory-go"
        >
          {t.advisory.go}
        </Press>
        <Press
          kind="quiet"
          onPress={() => void journey.step('retakeCard')}
          busy={under_way === 'retakeCard'}
          testId="advisory-again"
        >
          {t.advisory.again}
        </Press>
      </Box>
    </Dialog>
  )
}
