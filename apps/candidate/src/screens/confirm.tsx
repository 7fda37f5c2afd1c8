// Screen 5: what was read off the card; and 5a, 5b, dialogs over it where card and registration differ.
import type { ReactNode } from 'react'
import type { Collection } from '../api/shapes'
import type { Texts } from '../i18n/zh'
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box, Press, Words } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'
import { AdvisoryDialog } from './advisory'
import { BlockedDialog } from './blocked'

/** Parts a number for the eye only: 6 digits of place, 8 of birth, 4 more; or 3 letters, 4 of place, 6 of birth, 2 more. */
function Parted({ number }: { number: string }) {
  const cuts = /^[A-Z]/.test(number) ? [0, 3, 7, 13] : [0, 6, 14]
  return (
    <>
      {cuts.map((cut, index) => number.slice(cut, cuts[index + 1])).map((part, index) => (
        <Words className="number-part" key={index}>
          {part}
        </Words>
      ))}
    </>
  )
}

type Row = keyof Pick<Texts['confirm'], 'name' | 'chinese_name' | 'number' | 'ethnicity' | 'nationality' | 'address'>

function Read({ collection }: { collection: Collection }) {
  const { t } = useSpeech()
  const { read } = collection.card
  if (!read) return null
  const all: Array<[Row, ReactNode]> = [
    ['name', read.name],
    ['chinese_name', read.chinese_name],
    ['number', <Parted number={read.number} key="number" />],
    ['ethnicity', read.ethnicity],
    ['nationality', read.nationality],
    ['address', read.address],
  ]
  const rows = all.filter(([, value]) => value !== undefined)
  return (
    <>
      <Box as="dl" className="facts">
        {rows.map(([item, value]) => (
          <Box className="fact" key={item}>
            <Box as="dt" className="fact-name">
              {t.confirm[item]}
            </Box>
            <Box as="dd" className="fact-value" testId={`confirm-${item}`}>
              {value}
            </Box>
          </Box>
        ))}
      </Box>
      {read.name_doubtful && (
        <Callout tone="mind" testId="confirm-doubtful">
          <Box as="p">{t.confirm.doubtful}</Box>
        </Callout>
      )}
    </>
  )
}

export function Confirm({ name }: { name: 'confirm' | 'blocked' | 'advisory' }) {
  const { t } = useSpeech()
  const { collection, under_way } = useJourney()
  if (!collection) return null
  const asking = name === 'confirm'
  return (
    <Screen
      name={name}
      title={t.confirm.title}
      intro={t.confirm.intro}
      dialogStays
      dialog={
        name === 'blocked' ? (
          <BlockedDialog collection={collection} />
        ) : name === 'advisory' ? (
          <AdvisoryDialog collection={collection} />
        ) : null
      }
      keys={
        asking && (
          <>
            <Press
              kind="primary"
              onPress={() => void journey.step('confirm')}
              busy={under_way === 'confirm'}
              testId="confirm-ok"
            >
              {t.confirm.ok}
            </Press>
            <Press
              kind="secondary"
              onPress={() => void journey.step('retakeCard')}
              busy={under_way === 'retakeCard'}
              testId="confirm-again"
            >
              {t.confirm.again}
            </Press>
          </>
        )
      }
    >
      <Read collection={collection} />
    </Screen>
  )
}
