// How an exam session goes: counts, rates and times, nothing of a person.
import { Button, Checkbox, Input } from 'antd'
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import { api, ask } from '../api/client'
import type { Answer, Numbers, Refusal } from '../api/shapes'
import { useSpeech, word } from '../i18n/language'
import { dayBegins, timeOf } from '../i18n/time'
import { daysOf, hoursOf, LOADS, percentOf, secondsOf, shareOf } from '../office/numbers'
import { STATES } from '../office/states'
import { useSession } from '../session/use-session'
import { Chart } from '../ui/chart'
import { useLoad } from '../ui/load'
import { Page, Rows, Section, Whole } from '../ui/parts'

/** Most reasons that are shown; those beyond are rare. */
const MOST_REFUSALS = 15
const STEPS = ['logged_in', 'card', 'confirmed', 'photo', 'consented', 'verified', 'completed', 'at_desk'] as const
const TRIES = ['card_portrait', 'card_emblem', 'photo', 'platform'] as const
const PACES = ['slow', 'likely', 'fast'] as const

interface Bar {
  key: string
  label: ReactNode
  count: number
  /** What `count` is a part of. */
  whole: number
}

/** Parts of something as a table; the bars only repeat what it says. */
function Bars({ caption, first, count, share, rows }: { caption: string; first: string; count: string; share: string; rows: Bar[] }) {
  const { t } = useSpeech()
  return (
    <Rows<Bar>
      caption={caption}
      rows={rows}
      rowKey="key"
      empty={t.numbers.nothing}
      columns={[
        { title: first, key: 'label', render: (_, row) => row.label },
        { title: count, dataIndex: 'count', align: 'right', className: 'figures' },
        {
          title: share,
          key: 'share',
          className: 'figures bars',
          render: (_, row) => (
            <>
              <span className="bar" aria-hidden="true">
                <span style={{ width: `${(shareOf(row.count, row.whole) ?? 0) * 100}%` }} />
              </span>
              {percentOf(row.count, row.whole)}
            </>
          ),
        },
      ]}
    />
  )
}

function Tiles({ of }: { of: Numbers }) {
  const { t } = useSpeech()
  const tiles = [
    { label: t.numbers.registrations, value: of.registrations },
    { label: t.numbers.steps.logged_in, value: of.steps.logged_in },
    { label: t.numbers.steps.completed, value: of.steps.completed },
    { label: t.numbers.attemptsWaiting, value: of.attempts_waiting.count, since: of.attempts_waiting.since },
    { label: t.numbers.deliveriesWaiting, value: of.deliveries_waiting.count, since: of.deliveries_waiting.since },
    { label: t.numbers.messagesSent, value: of.messages.sent },
    { label: t.numbers.messagesWaiting, value: of.messages.waiting },
    ...Object.entries(of.messages.dropped).map(([code, value]) => ({ label: t.numbers.messagesDropped(word(t.numbers.dropped, code)), value })),
  ]
  return (
    <dl className="counts" data-testid="tiles">
      {tiles.map(({ label, value, since }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {value}
            {since && <small>{t.numbers.since(timeOf(since))}</small>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Forecasts({ of }: { of: Numbers['forecast'] }) {
  const { t } = useSpeech()
  if (!of) return <p className="hint">{t.numbers.forecastNone}</p>
  const rows = [
    { key: 'pace', label: t.numbers.perDay, tell: (pace: (typeof PACES)[number]) => of.per_day[pace].toFixed(1) },
    { key: 'done', label: t.numbers.done, tell: (pace: (typeof PACES)[number]) => of.done[pace] ?? t.numbers.never },
    ...(of.deadline
      ? [{ key: 'left', label: t.numbers.leftAt(timeOf(of.deadline)), tell: (pace: (typeof PACES)[number]) => String(of.left_at_deadline?.[pace] ?? t.common.none) }]
      : []),
  ]
  return (
    <>
      <p>{t.numbers.left(of.left)}</p>
      <Rows<(typeof rows)[number]>
        caption={t.numbers.forecast}
        rows={rows}
        rowKey="key"
        empty=""
        columns={[
          { title: t.numbers.forecast, dataIndex: 'label', className: 'file' },
          ...PACES.map((pace) => ({
            title: t.numbers.paces[pace], key: pace, align: 'right' as const, className: 'figures', render: (_: unknown, row: (typeof rows)[number]) => row.tell(pace),
          })),
        ]}
      />
      <p className="hint">{t.numbers.forecastHelp(of.days)}</p>
    </>
  )
}

function Told({ of }: { of: Numbers }) {
  const { t, said } = useSpeech()
  const hours = useMemo(() => hoursOf(of), [of])
  const load = useMemo(() => LOADS.map((one) => ({ label: t.numbers.loads[one], values: hours.of[one] })), [hours, t])
  const days = useMemo(() => daysOf(of), [of])
  const completed = useMemo(() => [{ label: t.numbers.loads.completed, values: days.of.completed }], [days, t])
  const everybody = of.registrations || of.steps.logged_in
  const refused = of.refusals.reduce((most, { count }) => Math.max(most, count), 0)
  return (
    <>
      <Tiles of={of} />
      <div className="halves">
        <Section title={t.numbers.progress}>
          <Bars
            caption={t.numbers.progress}
            first={t.numbers.step}
            count={t.numbers.candidates}
            share={of.registrations > 0 ? t.numbers.ofRegistered : t.numbers.ofLoggedIn}
            rows={STEPS.map((step) => ({ key: step, label: t.numbers.steps[step], count: of.steps[step], whole: everybody }))}
          />
        </Section>
        <Section title={t.numbers.firstTries}>
          <p className="hint">{t.numbers.firstTriesHelp}</p>
          <Bars
            caption={t.numbers.firstTries}
            first={t.numbers.what}
            count={t.numbers.well}
            share={t.numbers.rate}
            rows={TRIES.map((what) => ({ key: what, label: t.numbers.tries[what], count: of.first_tries[what].well, whole: of.first_tries[what].tried }))}
          />
          <h3>{t.numbers.forecast}</h3>
          <Forecasts of={of.forecast} />
        </Section>
      </div>
      <Section title={t.numbers.load}>
        <p className="hint">{t.numbers.loadHelp}</p>
        <Chart title={t.numbers.load} at={hours.at} series={load} />
      </Section>
      <Section title={t.numbers.days}>
        <Chart title={t.numbers.days} at={days.at} series={completed} days />
      </Section>
      <div className="halves">
        <Section title={t.numbers.refusals}>
          <p className="hint">{t.numbers.refusalsHelp}</p>
          <Rows<Refusal>
            caption={t.numbers.refusals}
            rows={of.refusals.slice(0, MOST_REFUSALS)}
            rowKey={({ capture, check }) => `${capture}/${check}`}
            empty={t.numbers.nothing}
            columns={[
              { title: t.numbers.check, key: 'check', className: 'file', render: (_, row) => said(row.title) },
              { title: t.numbers.what, key: 'capture', render: (_, row) => word(t.numbers.tries, row.capture) },
              {
                title: t.numbers.times,
                key: 'count',
                className: 'figures bars',
                render: (_, row) => (
                  <>
                    <span className="bar" aria-hidden="true">
                      <span style={{ width: `${(shareOf(row.count, refused) ?? 0) * 100}%` }} />
                    </span>
                    {row.count}
                  </>
                ),
              },
            ]}
          />
        </Section>
        <div>
          <Section title={t.numbers.answers}>
            <Rows<Answer>
              caption={t.numbers.answers}
              rows={of.answers}
              rowKey={({ outcome, code }) => `${outcome}/${code ?? ''}`}
              empty={t.numbers.nothing}
              columns={[
                { title: t.candidate.status, key: 'outcome', render: (_, row) => word(t.attemptStatus, row.outcome) },
                { title: t.candidate.code, key: 'code', render: (_, row) => row.code ?? t.common.none },
                { title: t.numbers.times, dataIndex: 'count', align: 'right', className: 'figures' },
                { title: t.numbers.median, key: 'median', align: 'right', className: 'figures', render: (_, row) => secondsOf(row.median_ms) },
                { title: t.numbers.p95, key: 'p95', align: 'right', className: 'figures', render: (_, row) => secondsOf(row.p95_ms) },
              ]}
            />
          </Section>
          <Section title={t.numbers.states}>
            <Bars
              caption={t.numbers.states}
              first={t.fields.state}
              count={t.numbers.candidates}
              share={t.numbers.share}
              rows={STATES.map((state) => ({
                key: state, label: t.states[state], count: of.states[state] ?? 0, whole: Object.values(of.states).reduce((sum, count) => sum + count, 0),
              }))}
            />
          </Section>
        </div>
      </div>
    </>
  )
}

const BOARD_EACH_MS = 30_000

/** A board that is left on asks again and again, which keeps its session: only whoever sees nothing in full may leave one on. */
function useBoard(reload: () => void) {
  const mayStayOn = useSession()?.me.role === 'viewer'
  const [on, setOn] = useState(false)
  useEffect(() => {
    if (!on || !mayStayOn) return
    const timer = setInterval(reload, BOARD_EACH_MS)
    return () => clearInterval(timer)
  }, [on, mayStayOn, reload])
  return { mayStayOn, on, setOn }
}

export function NumbersPage({ exam }: { exam: string }) {
  const { t } = useSpeech()
  const [span, setSpan] = useState({ from: '', until: '' })
  const { from, until } = span
  const backwards = !!from && !!until && from > until
  const numbers = useLoad(
    useCallback(() => {
      const query = backwards ? {} : { from: dayBegins(from), until: dayBegins(until, 1) }
      return ask(api.GET('/api/v1/office/exams/{exam}/numbers', { params: { path: { exam }, query } }))
    }, [exam, from, until, backwards]),
  )
  const board = useBoard(numbers.reload)
  return (
    <Page
      title={t.numbers.title}
      actions={
        <>
          {board.mayStayOn ? (
            <Checkbox checked={board.on} onChange={({ target }) => board.setOn(target.checked)}>
              {t.numbers.board}
            </Checkbox>
          ) : (
            <span className="hint">{t.numbers.boardHelp}</span>
          )}
          <Button onClick={numbers.reload}>{t.common.reload}</Button>
        </>
      }
    >
      <div className="section narrowing span" role="group" aria-label={t.numbers.span}>
        <label htmlFor="from">{t.numbers.from}</label>
        <Input id="from" type="date" value={from} max={until || undefined} onChange={({ target }) => setSpan({ ...span, from: target.value })} />
        <label htmlFor="until">{t.candidates.until}</label>
        <Input id="until" type="date" value={until} min={from || undefined} onChange={({ target }) => setSpan({ ...span, until: target.value })} />
        {(from || until) && <Button onClick={() => setSpan({ from: '', until: '' })}>{t.numbers.always}</Button>}
        {backwards && (
          <span role="alert" className="wrong">
            {t.candidates.daysWrong}
          </span>
        )}
        {numbers.data && <span className="hint">{t.numbers.at(timeOf(numbers.data.at))}</span>}
      </div>
      <Whole of={numbers}>{(told) => <Told of={told} />}</Whole>
    </Page>
  )
}
