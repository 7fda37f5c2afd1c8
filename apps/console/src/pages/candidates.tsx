// Candidates of an exam session: searched for exactly, or by state.
import { Button, Form, Input, Radio, Select } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, ask } from '../api/client'
import type { CandidateRow, Exam } from '../api/shapes'
import { useSpeech, word } from '../i18n/language'
import { timeOf } from '../i18n/time'
import { useExams } from '../office/exams'
import { ANYBODY, isNarrowed, keepLooking, lookingIn, NOT_BEGUN, searchOf, WAYS, type Looking, type Way } from '../office/looking'
import { STATES } from '../office/states'
import { useLoad } from '../ui/load'
import { Page, Pager, Rows, StateTag, Trouble } from '../ui/parts'

function StateChips(props: { exam: Exam | undefined; looking: Looking; choose: (state: string | null) => void }) {
  const { t } = useSpeech()
  const { looking } = props
  const begun = Object.values(props.exam?.states ?? {}).reduce((sum, count) => sum + count, 0)
  const chips = [
    { state: null as string | null, label: t.candidates.all, count: props.exam?.registrations },
    { state: NOT_BEGUN, label: t.noState, count: props.exam && Math.max(0, props.exam.registrations - begun) },
    ...STATES.map((state) => ({ state, label: t.states[state], count: props.exam ? (props.exam.states[state] ?? 0) : undefined })),
  ]
  return (
    <div className="chips" role="group" aria-label={t.candidates.states}>
      {chips.map(({ state, label, count }) => {
        const pressed = !looking.value && looking.state === state
        return (
          <button key={state ?? ''} type="button" className="chip" aria-pressed={pressed} data-none={count === 0} onClick={() => props.choose(state)}>
            {label} {count !== undefined && <b>{count}</b>}
          </button>
        )
      })}
    </div>
  )
}

/** Level and days of the last change: each takes effect at once, all together. */
function Narrowing({ looking, look }: { looking: Looking; look: (next: Looking) => void }) {
  const { t } = useSpeech()
  const { level, from, until } = looking
  const narrow = (by: Partial<Looking>) => look({ ...looking, value: '', afters: [], ...by })
  return (
    <div className="narrowing" role="group" aria-label={t.candidates.narrow}>
      <label htmlFor="level">{t.fields.level}</label>
      <Select
        id="level"
        allowClear
        placeholder={t.candidates.anyLevel}
        popupMatchSelectWidth={false}
        value={level}
        options={Object.entries(t.levels).map(([value, label]) => ({ value, label }))}
        onChange={(chosen: string | undefined) => narrow({ level: chosen ?? null })}
      />
      <label htmlFor="from">{t.candidates.from}</label>
      <Input id="from" type="date" value={from} max={until || undefined} onChange={({ target }) => narrow({ from: target.value })} />
      <label htmlFor="until">{t.candidates.until}</label>
      <Input id="until" type="date" value={until} min={from || undefined} onChange={({ target }) => narrow({ until: target.value })} />
      {(level || from || until) && <Button onClick={() => narrow({ level: null, from: '', until: '' })}>{t.candidates.wide}</Button>}
      {from && until && from > until && (
        <span role="alert" className="wrong">
          {t.candidates.daysWrong}
        </span>
      )}
    </div>
  )
}

export function CandidatesPage({ exam }: { exam: string }) {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const exams = useExams()
  const [looking, setLooking] = useState(() => lookingIn(exam))
  const [form] = Form.useForm<{ by: Way; value?: string }>()
  const found = useLoad(
    useCallback(
      () => ask(api.POST('/api/v1/office/exams/{exam}/candidates', { params: { path: { exam } }, body: searchOf(looking) })),
      [exam, looking],
    ),
  )
  const { reload: countAnew } = exams
  // The counts beside the states are of now.
  useEffect(() => countAnew(), [countAnew])
  const look = (next: Looking) => {
    keepLooking(exam, next)
    setLooking(next)
  }
  const clear = () => {
    form.setFieldsValue({ by: looking.by, value: '' })
    look({ ...ANYBODY, by: looking.by })
  }
  const to = (row: CandidateRow) => `/exams/${encodeURIComponent(exam)}/candidates/${encodeURIComponent(row.registration)}`
  const next = found.data?.next
  return (
    <Page
      title={t.candidates.title}
      actions={
        <Button
          onClick={() => {
            found.reload()
            exams.reload()
          }}
        >
          {t.common.reload}
        </Button>
      }
    >
      <div className="section">
        <Form
          form={form}
          className="search"
          colon={false}
          requiredMark={false}
          initialValues={{ by: looking.by, value: looking.value }}
          onFinish={({ by, value }) => look({ ...ANYBODY, by, value: (value ?? '').trim() })}
        >
          <Form.Item name="by" noStyle>
            <Radio.Group aria-label={t.candidates.by} optionType="button" options={WAYS.map((way) => ({ value: way, label: t.fields[way] }))} />
          </Form.Item>
          <Form.Item
            name="value"
            label={t.candidates.value}
            validateTrigger="onSubmit"
            rules={[{ required: true, whitespace: true, message: t.candidates.missing }]}
          >
            <Input autoComplete="off" spellCheck={false} />
          </Form.Item>
          <Button type="primary" htmlType="submit">
            {t.candidates.search}
          </Button>
          {looking.value && <Button onClick={clear}>{t.candidates.clear}</Button>}
          <span className="hint">{t.candidates.exact}</span>
        </Form>
        <StateChips
          exam={exams.data?.find(({ id }) => id === exam)}
          looking={looking}
          choose={(state) => {
            form.setFieldsValue({ value: '' })
            look({ ...looking, value: '', state, afters: [] })
          }}
        />
        <Narrowing
          looking={looking}
          look={(next) => {
            form.setFieldsValue({ value: '' })
            look(next)
          }}
        />
        <Trouble problem={exams.problem} again={exams.reload} />
      </div>
      <div className="section">
        <Trouble problem={found.problem} again={found.reload} />
        {!found.problem && (
          <>
            <Rows<CandidateRow>
              caption={`${t.candidates.caption} (${t.candidates.masked})`}
              rows={found.data?.candidates ?? []}
              rowKey="registration"
              loading={found.loading}
              empty={found.loading ? t.common.loading : isNarrowed(looking) ? t.candidates.empty : t.candidates.emptyExam}
              rowClassName="opens"
              onRow={(row) => ({ onClick: () => void navigate(to(row)) })}
              columns={[
                {
                  title: t.fields.registration,
                  key: 'registration',
                  render: (_, row) => (
                    <Link to={to(row)} aria-label={t.candidates.open(row.registration)} onClick={(event) => event.stopPropagation()}>
                      {row.registration}
                    </Link>
                  ),
                },
                { title: t.fields.name, dataIndex: 'name' },
                { title: t.fields.state, key: 'state', render: (_, row) => <StateTag state={row.state} /> },
                { title: t.fields.number, dataIndex: 'number', className: 'figures' },
                { title: t.fields.phone, dataIndex: 'phone', className: 'figures' },
                { title: t.fields.level, key: 'level', render: (_, row) => word(t.levels, row.level) },
                { title: t.fields.updated, key: 'updated', className: 'figures', render: (_, row) => timeOf(row.updated_at) },
              ]}
            />
            <Pager
              page={looking.afters.length + 1}
              onPrevious={looking.afters.length > 0 ? () => look({ ...looking, afters: looking.afters.slice(0, -1) }) : null}
              onNext={next ? () => look({ ...looking, afters: [...looking.afters, next] }) : null}
            />
          </>
        )}
      </div>
    </Page>
  )
}
