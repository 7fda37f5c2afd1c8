// The candidate's pictures beside each other, each fetched on a press, and on them what the judge found.
import { Button, Checkbox } from 'antd'
import { useState } from 'react'
import type { Finding, Story } from '../../api/shapes'
import { useSpeech } from '../../i18n/language'
import { marksOf } from '../../office/marks'
import { Figure, Marked } from '../../ui/marked'
import { KINDS, usePictures, type PictureKind } from '../../ui/pictures'
import { Section } from '../../ui/parts'

/** The report that speaks of a picture. That of the last photo speaks of the preview where it was refused, else of the capture. */
function reportOn(kind: PictureKind, story: Story): Finding[] {
  const refused = story.photo_findings.some(({ outcome }) => outcome === 'fail')
  if (kind === 'card_portrait') return story.portrait_findings
  if (kind === 'card_emblem') return story.emblem_findings
  return kind === (refused ? 'preview' : 'capture') ? story.photo_findings : []
}

export function Pictures({ exam, registration, story }: { exam: string; registration: string; story: Story }) {
  const { t } = useSpeech()
  const [open, setOpen] = useState<PictureKind[]>([])
  const [passed, setPassed] = useState(false)
  // In their own order, whichever was pressed first.
  const shown = KINDS.filter((kind) => open.includes(kind))
  const pictures = usePictures(exam, shown.map((kind) => ({ registration, kind })))
  const toggle = (kind: PictureKind) => setOpen(open.includes(kind) ? open.filter((one) => one !== kind) : [...open, kind])
  return (
    <Section title={t.pictures.title}>
      <p className="hint">{t.pictures.recorded}</p>
      <div className="kinds" role="group" aria-label={t.pictures.title}>
        {KINDS.map((kind) => (
          <Button key={kind} size="small" type={open.includes(kind) ? 'primary' : 'default'} aria-pressed={open.includes(kind)} onClick={() => toggle(kind)}>
            {t.pictures.kinds[kind]}
          </Button>
        ))}
        {shown.length > 0 && (
          <>
            <Button size="small" type="link" onClick={() => setOpen([])}>
              {t.pictures.away}
            </Button>
            <Checkbox checked={passed} onChange={(event) => setPassed(event.target.checked)}>
              {t.pictures.passed}
            </Checkbox>
          </>
        )}
      </div>
      {shown.length > 0 && (
        <div className="figures-row" data-testid="pictures">
          {shown.map((kind) => (
            <Figure key={kind} name={t.pictures.kinds[kind]}>
              <Marked
                held={pictures.of({ registration, kind })}
                alt={t.pictures.alt(t.pictures.kinds[kind])}
                marks={marksOf(reportOn(kind, story), passed)}
                again={() => pictures.again({ registration, kind })}
              />
            </Figure>
          ))}
        </div>
      )}
    </Section>
  )
}
