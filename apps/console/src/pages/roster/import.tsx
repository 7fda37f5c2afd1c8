// One import of a roster: how far it is, what it did or would do, and every problem by row and column.
import { Alert, Button } from 'antd'
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import { api, ask } from '../../api/client'
import type { ImportPreview, ImportProblem, RosterImport } from '../../api/shapes'
import { useSpeech, word } from '../../i18n/language'
import type { Texts } from '../../i18n/zh'
import { csvOf } from '../../office/csv'
import type { Tone } from '../../office/states'
import { useLoad, type Loaded } from '../../ui/load'
import { Mark, Pager, Rows, Section, Whole } from '../../ui/parts'
import { save } from '../../ui/save'

const EACH_MS = 1_000
const PER_PAGE = 50

export const TONES: Record<string, Tone> = { running: 'processing', done: 'success', failed: 'error', broken_off: 'error' }

export const COUNTS = ['rows', 'added', 'changed', 'unchanged', 'kept', 'refused'] as const

/** Looks each second while the import runs. */
function useImport(exam: string, id: string): Loaded<RosterImport> {
  const loaded = useLoad(
    useCallback(() => ask(api.GET('/api/v1/office/exams/{exam}/roster/imports/{id}', { params: { path: { exam, id } } })), [exam, id]),
  )
  const { data, loading, reload } = loaded
  useEffect(() => {
    if (loading || data?.state !== 'running') return
    const timer = setTimeout(reload, EACH_MS)
    return () => clearTimeout(timer)
  }, [data, loading, reload])
  return loaded
}

function Preview({ rows }: { rows: ImportPreview[] }) {
  const { t } = useSpeech()
  return (
    <>
      <h3>{t.roster.preview}</h3>
      <Rows<ImportPreview>
        caption={t.roster.preview}
        rows={rows}
        rowKey="row"
        empty={t.roster.previewEmpty}
        columns={[
          { title: t.roster.row, dataIndex: 'row', align: 'right', className: 'figures' },
          { title: t.fields.registration, dataIndex: 'registration' },
          { title: t.fields.name, dataIndex: 'name' },
          { title: t.fields.number, dataIndex: 'number', className: 'figures' },
          { title: t.fields.phone, dataIndex: 'phone', className: 'figures' },
          { title: t.fields.level, key: 'level', render: (_, row) => word(t.levels, row.level) },
        ]}
      />
    </>
  )
}

const columnOf = (t: Texts, column: string | null | undefined) => word(t.fields, column)

function Problems({ of }: { of: RosterImport }) {
  const { t, said } = useSpeech()
  const [page, setPage] = useState(0)
  const { problems } = of
  const last = Math.ceil(problems.length / PER_PAGE) - 1
  const keep = () =>
    save(
      `${of.file.replace(/\.[^.]*$/, '')}-${t.roster.problemsFile}.csv`,
      csvOf([[t.roster.row, t.roster.column, t.roster.problem], ...problems.map(({ row, column, message }) => [row, columnOf(t, column), said(message)])]),
    )
  return (
    <>
      <div className="section-head">
        <h3>{t.roster.problems(of.refused)}</h3>
        <Button size="small" onClick={keep}>
          {t.roster.problemsSave}
        </Button>
      </div>
      <p className="hint">{problems.length < of.refused ? t.roster.problemsFirst(problems.length) : t.roster.problemsHelp}</p>
      <Rows<ImportProblem & { at: number }>
        caption={t.roster.problems(of.refused)}
        rows={problems.slice(page * PER_PAGE, (page + 1) * PER_PAGE).map((problem, at) => ({ ...problem, at }))}
        rowKey="at"
        empty={t.common.none}
        columns={[
          { title: t.roster.row, dataIndex: 'row', align: 'right', className: 'figures' },
          { title: t.roster.column, key: 'column', render: (_, row) => columnOf(t, row.column) },
          { title: t.roster.problem, key: 'problem', className: 'long', render: (_, row) => said(row.message) },
        ]}
      />
      {last > 0 && <Pager page={page + 1} onPrevious={page > 0 ? () => setPage(page - 1) : null} onNext={page < last ? () => setPage(page + 1) : null} />}
    </>
  )
}

export function ImportView(props: { exam: string; id: string; onSettled: () => void; next: (of: RosterImport) => ReactNode }) {
  const { t, said } = useSpeech()
  const found = useImport(props.exam, props.id)
  const { onSettled } = props
  const state = found.data?.state
  useEffect(() => {
    if (state && state !== 'running') onSettled()
  }, [state, onSettled])
  return (
    <Whole of={found}>
      {(of) => (
        <Section title={of.dry_run ? t.roster.triedResult : t.roster.result} extra={<Mark tone={TONES[of.state]}>{word(t.roster.states, of.state)}</Mark>}>
          <p>
            {of.file} · {word(t.roster.existings, of.existing)}
          </p>
          {of.state === 'running' && (
            <div role="status" className="progress">
              <progress aria-label={t.roster.running(of.rows)} />
              {t.roster.running(of.rows)}
            </div>
          )}
          {of.failure && <Alert type="error" showIcon role="none" className="trouble" message={said(of.failure)} description={t.roster.failureHelp} />}
          {of.state === 'broken_off' && <Alert type="error" showIcon role="none" className="trouble" message={t.roster.brokenOff} />}
          {of.state !== 'running' && of.state !== 'failed' && (
            <dl className="counts" data-testid="counts">
              {COUNTS.map((count) => (
                <div key={count} data-wrong={count === 'refused' && of.refused > 0}>
                  <dt>{t.roster.counts[count]}</dt>
                  <dd>{of[count]}</dd>
                </div>
              ))}
            </dl>
          )}
          {of.state === 'done' && props.next(of)}
          {of.preview.length > 0 && <Preview rows={of.preview} />}
          {of.problems.length > 0 && <Problems of={of} />}
        </Section>
      )}
    </Whole>
  )
}
