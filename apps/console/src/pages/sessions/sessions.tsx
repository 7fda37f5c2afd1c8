// Every exam session, and the candidates' entry.
import { Button } from 'antd'
import { useCallback, useEffect } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import type { Exam } from '../../api/shapes'
import { useSpeech } from '../../i18n/language'
import { useExams } from '../../office/exams'
import { useMay } from '../../session/use-session'
import { useLoad } from '../../ui/load'
import { Mark, Page, Rows, Trouble } from '../../ui/parts'
import { Entry } from './entry'
import { loadExam } from './settings'

export const toSession = (exam: string) => `/sessions/${encodeURIComponent(exam)}/settings`

const begun = ({ states }: Exam) => Object.values(states).reduce((sum, count) => sum + count, 0)

export function SessionsPage() {
  const { t } = useSpeech()
  const may = useMay()
  const navigate = useNavigate()
  const exams = useExams()
  const { state, pathname } = useLocation() as { state: { notice?: string } | null; pathname: string }
  const { reload } = exams
  const known = exams.data !== null
  const one = exams.data?.[0]?.id ?? null
  // Where candidates enter is said with every exam session; without any it is this address.
  const details = useLoad(useCallback(async () => ({ like: one === null ? null : await loadExam(one) }), [one]))
  // The counts are of now.
  useEffect(() => reload(), [reload])
  return (
    <Page
      title={t.sessions.title}
      notice={state?.notice ?? null}
      onSeen={() => void navigate(pathname, { replace: true, state: null })}
      actions={
        <>
          {may('set_exam') && (
            <Button type="primary" onClick={() => void navigate('/sessions/new')}>
              {t.sessions.add}
            </Button>
          )}
          <Button onClick={reload}>{t.common.reload}</Button>
        </>
      }
    >
      <div className="section">
        <Trouble problem={exams.problem} again={reload} />
        {!exams.problem && (
          <Rows<Exam>
            caption={t.sessions.caption}
            rows={exams.data ?? []}
            rowKey="id"
            loading={exams.loading && !exams.data}
            empty={exams.loading ? t.common.loading : t.sessions.empty}
            columns={[
              { title: t.sessions.name, key: 'name', className: 'long', render: (_, row) => <Link to={toSession(row.id)}>{row.name}</Link> },
              { title: t.sessions.id, dataIndex: 'id' },
              {
                title: t.sessions.state,
                key: 'open',
                render: (_, row) => <Mark tone={row.open ? 'success' : 'default'}>{row.open ? t.sessions.open : t.sessions.closed}</Mark>,
              },
              { title: t.sessions.standard, dataIndex: 'standard' },
              { title: t.sessions.registrations, dataIndex: 'registrations', align: 'right', className: 'figures' },
              { title: t.sessions.begun, key: 'begun', align: 'right', className: 'figures', render: (_, row) => begun(row) },
              { title: t.states.completed, key: 'completed', align: 'right', className: 'figures', render: (_, row) => row.states.completed ?? 0 },
              { title: t.states.failed, key: 'failed', align: 'right', className: 'figures', render: (_, row) => row.states.failed ?? 0 },
            ]}
          />
        )}
      </div>
      {details.problem ? (
        <Trouble problem={details.problem} again={details.reload} />
      ) : (
        known && !details.loading && <Entry url={details.data?.like?.entry_url} />
      )}
    </Page>
  )
}
