// The audit log: who did what, on whom, when; and the proof that nothing of it was changed.
import { Alert, Button, Form, Input, Select } from 'antd'
import { useCallback, useState } from 'react'
import { api, ask } from '../api/client'
import type { AuditProof, AuditRow } from '../api/shapes'
import { useSpeech, word } from '../i18n/language'
import { instantOf, timeOf } from '../i18n/time'
import { detailsOf } from '../office/details'
import { useDoing, useLoad } from '../ui/load'
import { Page, Pager, Rows, Trouble } from '../ui/parts'
import { AuditExport } from './audit-export'

interface Filter {
  actor?: string
  deed?: string
  subject?: string
  from?: string
  until?: string
}

const queryOf = (filter: Filter, before: number | undefined) => ({
  actor: filter.actor?.trim() || undefined,
  deed: filter.deed,
  subject: filter.subject?.trim() || undefined,
  from: instantOf(filter.from),
  until: instantOf(filter.until),
  before,
})

const pageOf = (filter: Filter, before: number | undefined) => ask(api.GET('/api/v1/office/audit', { params: { query: queryOf(filter, before) } }))

function Proof({ proof }: { proof: AuditProof }) {
  const { t } = useSpeech()
  if (!proof.unbroken) return <Alert type="error" showIcon message={t.audit.broken} description={proof.problem} role="none" />
  return (
    <Alert
      type="success"
      showIcon
      role="none"
      message={`${t.audit.unbroken} · ${t.audit.entries(proof.entries)}`}
      description={
        <>
          {t.audit.hash}
          {t.common.colon}
          <code className="hash">{proof.hash}</code>
          <br />
          {t.audit.hashHelp}
        </>
      }
    />
  )
}

export function AuditPage() {
  const { t } = useSpeech()
  const [form] = Form.useForm<Filter>()
  const [looking, setLooking] = useState<{ filter: Filter; befores: number[] }>({ filter: {}, befores: [] })
  const [proof, setProof] = useState<AuditProof | null>(null)
  const page = useLoad(
    useCallback(() => pageOf(looking.filter, looking.befores.at(-1)), [looking]),
  )
  const verifying = useDoing(async () => {
    setProof(null)
    setProof(await ask(api.POST('/api/v1/office/audit/verify')))
  })
  const next = page.data?.next
  return (
    <Page
      title={t.audit.title}
      actions={
        <>
          <Button type="primary" loading={verifying.busy} title={t.audit.verifyHelp} onClick={() => void verifying.run()}>
            {t.audit.verify}
          </Button>
          <Button onClick={page.reload}>{t.common.reload}</Button>
        </>
      }
    >
      <div role="status" data-testid="proof">{proof && <Proof proof={proof} />}</div>
      <Trouble problem={verifying.problem} />
      <div className="section">
        <Form form={form} layout="vertical" className="filters" onFinish={(filter) => setLooking({ filter, befores: [] })}>
          <Form.Item name="actor" label={t.audit.actor}>
            <Input autoComplete="off" spellCheck={false} />
          </Form.Item>
          <Form.Item name="deed" label={t.audit.deed}>
            <Select allowClear popupMatchSelectWidth={false} options={Object.entries(t.deeds).map(([value, label]) => ({ value, label }))} />
          </Form.Item>
          <Form.Item name="subject" label={`${t.audit.subject} (${t.audit.subjectHelp})`} className="broad">
            <Input autoComplete="off" spellCheck={false} />
          </Form.Item>
          <Form.Item name="from" label={t.audit.from}>
            <Input type="datetime-local" />
          </Form.Item>
          <Form.Item name="until" label={t.audit.until}>
            <Input type="datetime-local" />
          </Form.Item>
          <div className="filter-actions">
            <Button type="primary" htmlType="submit">
              {t.audit.filter}
            </Button>
            <Button
              onClick={() => {
                form.resetFields()
                setLooking({ filter: {}, befores: [] })
              }}
            >
              {t.audit.clear}
            </Button>
          </div>
        </Form>
      </div>
      <div className="section">
        <Trouble problem={page.problem} again={page.reload} />
        {!page.problem && (
          <>
            <AuditExport page={(before) => pageOf(looking.filter, before)} />
            <Rows<AuditRow>
              caption={t.audit.caption}
              rows={page.data?.entries ?? []}
              rowKey="number"
              loading={page.loading}
              empty={page.loading ? t.common.loading : t.audit.empty}
              columns={[
                { title: t.audit.number, dataIndex: 'number', align: 'right', className: 'figures' },
                { title: t.audit.at, key: 'at', className: 'figures', render: (_, row) => timeOf(row.at) },
                { title: t.audit.actor, dataIndex: 'actor' },
                { title: t.audit.deed, key: 'deed', render: (_, row) => word(t.deeds, row.deed) },
                { title: t.audit.subject, key: 'subject', render: (_, row) => row.subject ?? t.common.none },
                { title: t.audit.details, key: 'details', className: 'long', render: (_, row) => detailsOf(t, row.details).join(' · ') || t.common.none },
              ]}
            />
            <Pager
              page={looking.befores.length + 1}
              onPrevious={looking.befores.length > 0 ? () => setLooking({ ...looking, befores: looking.befores.slice(0, -1) }) : null}
              onNext={typeof next === 'number' ? () => setLooking({ ...looking, befores: [...looking.befores, next] }) : null}
            />
          </>
        )}
      </div>
    </Page>
  )
}
