// All that is set about an exam session: read by everybody, changed by a supervisor.
import { Button, Descriptions } from 'antd'
import { useCallback, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, ask } from '../../api/client'
import type { Document, ExamDetails } from '../../api/shapes'
import { useSpeech, word } from '../../i18n/language'
import { timeOf } from '../../i18n/time'
import { DOCUMENTS } from '../../office/exam-form'
import { useExams } from '../../office/exams'
import { useMay } from '../../session/use-session'
import { useLoad } from '../../ui/load'
import { Mark, Page, Section, Whole } from '../../ui/parts'
import { ExamForm } from './form'

/** One text in full, opened on demand. */
function Text({ title, document }: { title: string; document: Document }) {
  const { t, said } = useSpeech()
  return (
    <details className="document">
      <summary>
        {title} <span className="hint">{t.sessions.version(document.version)}</span>
      </summary>
      <h3>{said(document.title)}</h3>
      <p className="body">{said(document.body)}</p>
    </details>
  )
}

function Settings({ of }: { of: ExamDetails }) {
  const { t, said } = useSpeech()
  const standard = of.standards.find(({ id }) => id === of.standard)
  const cards = of.card_kinds.filter(({ id }) => of.cards.includes(id))
  const rows = [
    { key: 'id', label: t.sessions.id, children: of.id },
    { key: 'open', label: t.sessions.state, children: <Mark tone={of.open ? 'success' : 'default'}>{of.open ? t.sessions.open : t.sessions.closed}</Mark> },
    { key: 'closes', label: t.sessions.closes, children: of.closes_at ? timeOf(of.closes_at) : t.sessions.closesNone },
    { key: 'standard', label: t.sessions.standard, children: standard ? `${said(standard.name)} (${of.standard})` : of.standard },
    { key: 'attempts', label: t.sessions.attempts, children: of.attempts_allowed },
    { key: 'cards', label: t.sessions.cards, children: cards.map(({ name }) => said(name)).join(t.common.list) || t.common.none },
    { key: 'inspection', label: t.sessions.inspection, children: word(t.sessions.inspections, of.inspection) },
    { key: 'two', label: t.sessions.twoEyes, children: of.two_eyes ? t.common.yes : t.common.no },
    { key: 'office', label: t.sessions.officeName, children: of.office.name },
    { key: 'phone', label: t.sessions.officePhone, children: of.office.phone },
  ]
  return (
    <>
      <Section title={t.sessions.settings}>
        <Descriptions size="small" bordered column={{ xs: 1, sm: 1, md: 1, lg: 2 }} items={rows} />
      </Section>
      <Section title={t.sessions.texts}>
        {DOCUMENTS.map((kind) => (
          <Text key={kind} title={t.sessions.documents[kind]} document={of[kind]} />
        ))}
      </Section>
    </>
  )
}

const Back = () => {
  const { t } = useSpeech()
  return (
    <p className="back">
      <Link to="/sessions">← {t.sessions.back}</Link>
    </p>
  )
}

export const loadExam = (exam: string) => ask(api.GET('/api/v1/office/exams/{exam}', { params: { path: { exam } } }))

export function SessionPage({ exam }: { exam: string }) {
  const { t } = useSpeech()
  const may = useMay()
  const exams = useExams()
  const [editing, setEditing] = useState(false)
  const [notice, setNotice] = useState<string | null>(null)
  const details = useLoad(useCallback(() => loadExam(exam), [exam]))
  const actions = may('set_exam') && details.data && !editing && (
    <Button
      type="primary"
      onClick={() => {
        setNotice(null)
        setEditing(true)
      }}
    >
      {t.sessions.change}
    </Button>
  )
  const done = () => {
    setEditing(false)
    setNotice(t.sessions.changed)
    details.reload()
    exams.reload()
  }
  return (
    <Page title={details.data?.name ?? exam} actions={actions} notice={notice} onSeen={() => setNotice(null)}>
      <Back />
      <Whole of={details}>
        {(told) => (editing ? <ExamForm of={told} onClose={() => setEditing(false)} onDone={done} /> : <Settings of={told} />)}
      </Whole>
    </Page>
  )
}

/** A new one begins with what is set about the newest that there is. */
export function NewSessionPage() {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const exams = useExams()
  const like = exams.data?.[0]?.id ?? null
  const known = exams.data !== null
  const model = useLoad(useCallback(async () => ({ like: like === null || !known ? null : await loadExam(like) }), [like, known]))
  const done = () => {
    exams.reload()
    void navigate('/sessions', { state: { notice: t.sessions.added } })
  }
  return (
    <Page title={t.sessions.add}>
      <Back />
      {exams.problem ? (
        <Whole of={exams}>{() => null}</Whole>
      ) : (
        <Whole of={known && !model.loading ? model : { ...model, data: null }}>
          {(told) => <ExamForm key={told.like?.id ?? ''} of={told.like} fresh onClose={() => void navigate('/sessions')} onDone={done} />}
        </Whole>
      )}
    </Page>
  )
}
