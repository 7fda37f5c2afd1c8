// The frame that every screen stands in: header, stages, heading, content, the keys at the thumb, whom to ask.
import { useEffect, type ReactNode } from 'react'
import { STAGES, STAGE_OF, type ScreenName } from '../journey/screens'
import { journey, useJourney } from '../journey/use-journey'
import { speak, useSpeech } from '../i18n/language'
import { arrive, dress } from '../platform/page'
import { Box, Heading, PhoneLink, Press, Words } from './kit'
import { Notice } from './notice'
import { TroubleBanner } from './trouble'

export interface ScreenProps {
  name: ScreenName
  title: string
  /** What stands under the title. */
  intro?: ReactNode
  children?: ReactNode
  /** The screen's keys: the primary one first. */
  keys?: ReactNode
  /** Lies on top of everything. */
  dialog?: ReactNode
  /** The dialog holds language and log-out itself, because it stays. */
  dialogStays?: boolean
  /** A mark above the title. */
  mark?: ReactNode
  centred?: boolean
}

export function LanguageAndLogout() {
  const { language, t } = useSpeech()
  const { token } = useJourney()
  return (
    <Box className="corner">
      <Press
        kind="quiet"
        className="corner-key"
        testId="lang-toggle"
        label={`${t.language.choose}: ${t.language.other}`}
        onPress={() => speak(language === 'zh' ? 'en' : 'zh')}
      >
        {t.language.other}
      </Press>
      {token !== null && (
        <Press kind="quiet" className="corner-key" testId="logout" onPress={() => void journey.logout()}>
          {t.header.logout}
        </Press>
      )}
    </Box>
  )
}

function Stages({ name }: { name: ScreenName }) {
  const { t } = useSpeech()
  const stage = STAGE_OF[name]
  if (stage === null) return null
  const at = STAGES.indexOf(stage)
  return (
    <Box as="nav" className="stages" label={t.stages.label(at + 1, STAGES.length, t.stages[stage])} testId="stages">
      {STAGES.map((one, index) => {
        const when = index < at ? 'past' : index === at ? 'now' : 'ahead'
        return (
          <Box key={one} className={`stage stage-${when}`} decoration>
            <Words className="stage-mark">{index < at ? '✓' : String(index + 1)}</Words>
            <Words className="stage-name">{t.stages[one]}</Words>
          </Box>
        )
      })}
    </Box>
  )
}

function Help() {
  const { t } = useSpeech()
  const { collection, entry } = useJourney()
  const office = collection?.office ?? entry?.office
  if (!office) return null
  return (
    <Box as="footer" className="help">
      <Box as="p">{t.help.ask(office.name)}</Box>
      <PhoneLink number={office.phone} className="help-phone" testId="help-phone">
        {office.phone}
      </PhoneLink>
    </Box>
  )
}

export function Screen(props: ScreenProps) {
  const { name, title, intro, children, keys, dialog, dialogStays, mark, centred } = props
  const { language, t } = useSpeech()
  const { collection, entry, notice, looking } = useJourney()
  const covered = dialog !== undefined && dialog !== null && dialog !== false
  useEffect(() => dress(language, `${title} · ${t.brand.name}`), [language, title, t, looking])
  const heading = `title-${name}`
  useEffect(() => arrive(heading), [heading, looking])
  const session = collection?.exam_session ?? entry?.exam_session
  return (
    <Box className="page">
      <Box className="page-sheet" inert={covered}>
        <Box as="header" className="head">
          <Box className="head-brand">
            <Words className="head-name">{t.brand.name}</Words>
            <Words className="head-line">{session?.name ?? t.brand.line}</Words>
          </Box>
          {!(covered && dialogStays) && <LanguageAndLogout />}
        </Box>
        <TroubleBanner />
        <Stages name={name} />
        <Box as="main" className={`body body-${name} ${centred ? 'body-centred' : ''}`} testId={`screen-${name}`}>
          {mark}
          <Heading level={1} className="title" id={heading}>
            {title}
          </Heading>
          {intro !== undefined && (
            <Box as="p" className="intro">
              {intro}
            </Box>
          )}
          <Notice text={notice} />
          {children}
        </Box>
        {name !== 'failed' && <Help />}
        {keys && <Box className="keys">{keys}</Box>}
      </Box>
      {dialog}
    </Box>
  )
}
