// Screen 5a: name or number differ; the office has to correct the registration first.
import { useState } from 'react'
import type { Collection } from '../api/shapes'
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Differences } from '../ui/differences'
import { Dialog } from '../ui/dialog'
import { Box, Heading, PhoneLink, Press } from '../ui/kit'
import { Callout, Notice } from '../ui/notice'
import { LanguageAndLogout } from '../ui/screen'

export function BlockedDialog({ collection }: { collection: Collection }) {
  const { t } = useSpeech()
  const { under_way, notice } = useJourney()
  const [looked, setLooked] = useState<'not_yet' | 'looking' | 'done'>('not_yet')
  const { discrepancies, office, corrected } = collection
  const blocking = discrepancies.filter((one) => one.weight === 'blocking')
  const advisory = discrepancies.filter((one) => one.weight === 'advisory')
  // What the candidate typed may be what differs: sent once more as it is, it comes back for another look.
  const cells = collection.card.read?.name_cells ?? []
  const typed = cells.flatMap((cell) => (cell.typed && cell.character !== null ? [cell.character] : []))
  const look = async () => {
    setLooked('looking')
    await journey.refresh()
    setLooked('done')
  }
  return (
    <Dialog kind="notice" labelledBy="blocked-title" testId="blocked-dialog">
      <LanguageAndLogout />
      <Heading level={2} className="dialog-title dialog-title-bad" id="blocked-title">
        {t.blocked.title}
      </Heading>
      <Box className="dialog-body">
        {!corrected && <Box as="p">{t.blocked.intro}</Box>}
        <Differences items={blocking} />
        {advisory.length > 0 && (
          <>
            <Box as="p">{t.blocked.also}</Box>
            <Differences items={advisory} />
          </>
        )}
        <Box live="polite">
          {corrected ? (
            <Callout tone="fine" testId="blocked-corrected">
              <Box as="p">{t.blocked.corrected}</Box>
            </Callout>
          ) : (
            <>
              <Box as="p">{t.blocked.what(office.name)}</Box>
              {looked === 'done' && (
                <Callout tone="mind" testId="blocked-still">
                  <Box as="p">{t.blocked.still}</Box>
                </Callout>
              )}
            </>
          )}
        </Box>
        <Notice text={notice} />
      </Box>
      <Box className="dialog-keys">
        {corrected ? (
          <Press
            kind="primary"
            onPress={() => void journey.step('again')}
            busy={under_way === 'again'}
            testId="blocked-again"
          >
            {t.blocked.again}
          </Press>
        ) : (
          <>
            <PhoneLink number={office.phone} className="phone-key phone-key-primary" testId="blocked-phone">
              {t.help.call(office.phone)}
            </PhoneLink>
            {typed.length > 0 && (
              <Press
                kind="secondary"
                onPress={() => void journey.typeName(typed)}
                busy={under_way === 'typeName'}
                testId="blocked-typed"
              >
                {t.blocked.typed}
              </Press>
            )}
            <Press
              kind="secondary"
              onPress={() => void look()}
              busy={looked === 'looking'}
              testId="blocked-check"
            >
              {t.blocked.check}
            </Press>
          </>
        )}
      </Box>
    </Dialog>
  )
}
