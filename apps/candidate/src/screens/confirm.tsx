// Screen 5: what was read off the card; and 5a, 5b, dialogs over it where card and registration differ.
import { useState, type ReactNode } from 'react'
import type { Collection } from '../api/shapes'
import type { Texts } from '../i18n/zh'
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { focusOn } from '../platform/page'
import { Box, Press, TextField, Words } from '../ui/kit'
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

/** One ideograph, also beyond the basic plane. */
const HAN = /^[\u3007\u3400-\u4dbf\u4e00-\u9fff\u{20000}-\u{3fffd}]$/u

/** What is typed for the name's glyphs that could not be read, by their places in it. */
type Typed = Record<number, string>

interface Typing {
  typed: Typed
  onType: (place: number, text: string) => void
  onEnter: () => void
  /** Something is missing, and was asked for. */
  asked: boolean
}

function Read({ collection, typed, onType, onEnter, asked }: { collection: Collection } & Typing) {
  const { t } = useSpeech()
  const { read } = collection.card
  if (!read) return null
  const open = read.name_cells.flatMap((cell, place) => (cell.typed ? [place] : []))
  const name = read.name_cells.map((cell, place) =>
    cell.typed ? (HAN.test(typed[place] ?? '') ? typed[place] : '□') : cell.character,
  )
  const all: Array<[Row, ReactNode]> = [
    ['name', open.length > 0 ? name.join('') : read.name],
    ['chinese_name', read.chinese_name],
    ['number', <Parted number={read.number} key="number" />],
    ['ethnicity', read.ethnicity],
    ['nationality', read.nationality],
    ['address', read.address],
  ]
  const rows = all.filter(([, value]) => value !== undefined)
  return (
    <>
      {open.length > 0 && (
        <>
          <Callout tone="mind" testId="confirm-unread">
            <Box as="p">{t.confirm.unread(open.length)}</Box>
          </Callout>
          {open.map((place) => (
            <TextField
              key={place}
              id={`confirm-character-${place}`}
              kind="han"
              label={t.confirm.unreadLabel(place + 1)}
              hint={t.confirm.unreadHint}
              value={typed[place] ?? ''}
              maxLength={20}
              onInput={(text) => onType(place, text.trim())}
              onEnter={onEnter}
              error={asked && !HAN.test(typed[place] ?? '') ? t.confirm.unreadMissing : null}
              testId={`confirm-character-${place}`}
            />
          ))}
        </>
      )}
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
      {read.name_doubtful && open.length === 0 && (
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
  const [changed, setChanged] = useState<Typed>({})
  const [asked, setAsked] = useState(false)
  if (!collection) return null
  const asking = name === 'confirm'
  const cells = collection.card.read?.name_cells ?? []
  const known: Typed = Object.fromEntries(
    cells.flatMap((cell, place) => (cell.typed && cell.character !== null ? [[place, cell.character]] : [])),
  )
  const typed: Typed = { ...known, ...changed }
  const open = cells.flatMap((cell, place) => (cell.typed ? [place] : []))
  const confirm = async () => {
    const missing = open.find((place) => !HAN.test(typed[place] ?? ''))
    if (missing !== undefined) {
      setAsked(true)
      return focusOn(`confirm-character-${missing}`)
    }
    const news = open.some((place) => typed[place] !== known[place])
    if (news && !(await journey.typeName(open.map((place) => typed[place] ?? '')))) return
    await journey.step('confirm')
  }
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
              onPress={() => void confirm()}
              busy={under_way === 'confirm' || under_way === 'typeName'}
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
      <Read
        collection={collection}
        typed={typed}
        onType={(place, text) => setChanged({ ...changed, [place]: text })}
        onEnter={() => void confirm()}
        asked={asked}
      />
    </Screen>
  )
}
