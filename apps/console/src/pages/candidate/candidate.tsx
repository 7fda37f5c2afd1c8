// One candidate's whole story, masked, and what the office may do about it.
import { Button, Descriptions, Steps } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { Link } from 'react-router'
import { api, ask } from '../../api/client'
import type { Particulars, Story } from '../../api/shapes'
import { useSpeech, word } from '../../i18n/language'
import { timeOf } from '../../i18n/time'
import { canCaptureAtDesk, canComplete, canRedeliver, canReopen, canTakeBack, stepOf } from '../../office/states'
import { useMay } from '../../session/use-session'
import { DeedDialog } from '../../ui/dialogs'
import { useLoad } from '../../ui/load'
import { Mark, Page, Section, StateTag, Whole } from '../../ui/parts'
import { CorrectDialog } from './correct'
import { DeskDialog } from './desk'
import { Findings } from './findings'
import { Full, SHOWN_S } from './full'
import { Pictures } from './pictures'
import { Attempts, Consents, Deliveries, Events } from './rows'

type Dialog = 'unmask' | 'correct' | 'reopen' | 'complete' | 'card' | 'photo' | 'redeliver' | 'desk'

const numberOf = (similarity: number) => similarity.toFixed(1)

function Progress({ state }: { state: string | null | undefined }) {
  const { t } = useSpeech()
  const step = stepOf(state)
  const stopped = state === 'failed' || state === 'blocked' || state === 'refused'
  const titles = [t.steps.card, t.steps.confirm, t.steps.photo, t.steps.verify, t.steps.done]
  return (
    <div role="group" aria-label={t.steps.label}>
      <Steps
        size="small"
        current={step}
        status={state === 'completed' ? 'finish' : stopped ? 'error' : step < 0 ? 'wait' : 'process'}
        items={titles.map((title) => ({ title }))}
      />
    </div>
  )
}

function Summary({ story }: { story: Story }) {
  const { t } = useSpeech()
  const { candidate } = story
  return (
    <Section title={t.candidate.summary} extra={<StateTag state={candidate?.state} />}>
      <Progress state={candidate?.state} />
      <Descriptions
        size="small"
        bordered
        column={{ xs: 1, sm: 1, md: 2, xl: 3 }}
        items={[
          { key: 'registration', label: t.fields.registration, children: candidate?.registration ?? t.common.none },
          { key: 'name', label: t.fields.name, children: candidate?.name ?? t.common.none },
          { key: 'number', label: t.fields.number, children: candidate?.number ?? t.common.none },
          { key: 'phone', label: t.fields.phone, children: candidate?.phone ?? t.common.none },
          { key: 'level', label: t.fields.level, children: word(t.levels, candidate?.level) },
          { key: 'updated', label: t.fields.updated, children: timeOf(candidate?.updated_at) },
          {
            key: 'attempts',
            label: t.candidate.attemptsUsed,
            children: story.allowed > 0 ? t.candidate.ofAllowed(story.refused, story.allowed) : t.common.none,
          },
          {
            key: 'similarity',
            label: t.candidate.similarity,
            children: typeof story.similarity === 'number' ? numberOf(story.similarity) : t.candidate.similarityNone,
          },
          {
            key: 'differs',
            label: t.candidate.differs,
            children:
              story.differs.length === 0
                ? t.candidate.differsNone
                : story.differs.map((item) => (
                    <Mark key={item} tone="error">
                      {word(t.fields, item)}
                    </Mark>
                  )),
          },
        ]}
      />
    </Section>
  )
}

export function CandidatePage({ exam, registration }: { exam: string; registration: string }) {
  const { t } = useSpeech()
  const may = useMay()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const [notice, setNotice] = useState<string | null>(null)
  const [full, setFull] = useState<Particulars | null>(null)
  const path = { exam, registration }
  const story = useLoad(
    useCallback(
      () => ask(api.GET('/api/v1/office/exams/{exam}/candidates/{registration}', { params: { path: { exam, registration } } })),
      [exam, registration],
    ),
  )
  const hide = useCallback(() => {
    setFull(null)
    setNotice(t.candidate.hidden)
  }, [t])
  // The full details go with the page: nothing keeps them.
  useEffect(() => () => setFull(null), [])
  const done = (said: string | null) => {
    setDialog(null)
    setNotice(said)
    if (said) {
      setFull(null)
      story.reload()
    }
  }
  const state = story.data?.candidate?.state
  const ours = typeof story.data?.version === 'number'
  const actions = story.data && (
    <>
      {may('unmask') && <Button onClick={() => setDialog('unmask')}>{t.candidate.unmask}</Button>}
      {may('correct_registration') && (
        <Button disabled={!ours} title={ours ? undefined : t.candidate.correctElsewhere} onClick={() => setDialog('correct')}>
          {t.candidate.correct}
        </Button>
      )}
      {may('reopen') && canReopen(state) && <Button onClick={() => setDialog('reopen')}>{t.candidate.reopen}</Button>}
      {may('complete_at_desk') && canComplete(state) && <Button onClick={() => setDialog('complete')}>{t.candidate.complete}</Button>}
      {may('take_back') && canTakeBack.card(state) && <Button onClick={() => setDialog('card')}>{t.candidate.takeBack.card}</Button>}
      {may('take_back') && canTakeBack.photo(state) && <Button onClick={() => setDialog('photo')}>{t.candidate.takeBack.photo}</Button>}
      {may('redeliver') && canRedeliver(state) && <Button onClick={() => setDialog('redeliver')}>{t.candidate.redeliver}</Button>}
      {may('capture_at_desk') && canCaptureAtDesk(state) && <Button onClick={() => setDialog('desk')}>{t.candidate.desk}</Button>}
      <Button onClick={story.reload}>{t.common.reload}</Button>
    </>
  )
  const close = () => setDialog(null)
  return (
    <Page title={`${t.candidate.title} ${registration}`} actions={actions} notice={notice} onSeen={() => setNotice(null)}>
      <p className="back">
        <Link to={`/exams/${encodeURIComponent(exam)}/candidates`}>← {t.candidate.back}</Link>
      </p>
      {full && <Full of={full} seconds={SHOWN_S} hide={hide} />}
      <Whole of={story}>
        {(told) => (
          <>
            {may('correct_registration') && !ours && <p className="hint">{t.candidate.correctElsewhere}</p>}
            <Summary story={told} />
            <div className="columns">
              <div>
                {may('see_picture') && told.candidate?.state && <Pictures exam={exam} registration={registration} story={told} />}
                <Findings story={told} />
                <Attempts rows={told.attempts} />
                <Deliveries rows={told.deliveries} />
              </div>
              <div>
                <Events rows={told.events} />
                <Consents rows={told.consents} />
              </div>
            </div>
          </>
        )}
      </Whole>
      {dialog === 'unmask' && (
        <DeedDialog
          title={t.candidate.unmask}
          ask={t.candidate.unmaskAsk}
          ok={t.candidate.unmaskOk}
          act={async () =>
            setFull(await ask(api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/unmask', { params: { path } })))
          }
          onClose={close}
          onDone={() => done(null)}
        />
      )}
      {dialog === 'correct' && ours && (
        <CorrectDialog
          exam={exam}
          registration={registration}
          version={story.data?.version ?? 0}
          level={story.data?.candidate?.level ?? ''}
          onClose={close}
          onDone={() => done(t.candidate.corrected)}
        />
      )}
      {dialog === 'reopen' && (
        <DeedDialog
          title={t.candidate.reopen}
          ask={t.candidate.reopenAsk}
          ok={t.candidate.reopenOk}
          reason
          act={(reason) => ask(api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/reopen', { params: { path }, body: { reason } })).then(() => undefined)}
          onClose={close}
          onDone={() => done(t.candidate.reopened)}
        />
      )}
      {(dialog === 'card' || dialog === 'photo') && (
        <DeedDialog
          title={t.candidate.takeBack[dialog]}
          ask={`${t.candidate.takeBackAsk[dialog]}${state === 'completed' ? t.candidate.takeBackCompleted : ''}${t.candidate.takeBackReason}`}
          ok={t.candidate.takeBackOk}
          reason
          danger
          act={(reason) => ask(api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/take-back', { params: { path }, body: { what: dialog, reason } })).then(() => undefined)}
          onClose={close}
          onDone={() => done(t.candidate.takenBack[dialog])}
        />
      )}
      {dialog === 'redeliver' && (
        <DeedDialog
          title={t.candidate.redeliver}
          ask={t.candidate.redeliverAsk}
          ok={t.candidate.redeliverOk}
          reason
          act={(reason) => ask(api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/redeliver', { params: { path }, body: { reason } })).then(() => undefined)}
          onClose={close}
          onDone={() => done(t.candidate.redelivered)}
        />
      )}
      {dialog === 'desk' && <DeskDialog exam={exam} registration={registration} onClose={close} onDone={() => done(t.candidate.deskNotice)} />}
      {dialog === 'complete' && (
        <DeedDialog
          title={t.candidate.complete}
          ask={t.candidate.completeAsk}
          ok={t.candidate.completeOk}
          reason
          danger
          act={(reason) => ask(api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/complete', { params: { path }, body: { reason } })).then(() => undefined)}
          onClose={close}
          onDone={() => done(t.candidate.completed)}
        />
      )}
    </Page>
  )
}
