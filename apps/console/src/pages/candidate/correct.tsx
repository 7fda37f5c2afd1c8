// Correcting a registration: a form with the values as they are, then the changes once more, then sent.
import { Form, Input, Modal, Select, Spin, Table } from 'antd'
import { useCallback, useState } from 'react'
import { api, ask } from '../../api/client'
import { useSpeech, word } from '../../i18n/language'
import { changedFields, correctionOf, FIELDS, valuesOf, type Field, type Values } from '../../office/correction'
import { DeedDialog, ReasonField } from '../../ui/dialogs'
import { useDoing, useLoad } from '../../ui/load'
import { Trouble } from '../../ui/parts'

interface Props {
  exam: string
  registration: string
  version: number
  level: string
  onClose: () => void
  onDone: () => void
}

/** The full values are read only after it was said that this goes on record. */
export function CorrectDialog(props: Props) {
  const { t } = useSpeech()
  const [agreed, setAgreed] = useState(false)
  if (agreed) return <CorrectForm {...props} />
  return (
    <DeedDialog
      title={t.candidate.correct}
      ask={t.candidate.correctAsk}
      ok={t.candidate.correct}
      act={async () => undefined}
      onClose={props.onClose}
      onDone={() => setAgreed(true)}
    />
  )
}

function CorrectForm({ exam, registration, version, level, onClose, onDone }: Props) {
  const { t } = useSpeech()
  const [form] = Form.useForm<Values & { reason?: string }>()
  const [unchanged, setUnchanged] = useState(false)
  const [review, setReview] = useState<(Values & { reason: string }) | null>(null)
  const now = useLoad(
    useCallback(async () => {
      const full = await ask(
        api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/unmask', { params: { path: { exam, registration } } }),
      )
      return full.registration ? valuesOf(full.registration, level) : null
    }, [exam, registration, level]),
  )
  const sending = useDoing(async (before: Values, after: Values & { reason: string }) => {
    await ask(
      api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/correct', {
        params: { path: { exam, registration } },
        body: correctionOf(version, before, after, after.reason),
      }),
    )
  })
  const before = now.data
  const finish = (values: Values & { reason?: string }) => {
    if (!before) return
    const none = changedFields(before, values).length === 0
    setUnchanged(none)
    if (!none) setReview({ ...values, reason: values.reason ?? '' })
  }
  const send = async () => {
    if (before && review && (await sending.run(before, review))) onDone()
  }
  const back = () => {
    setReview(null)
    sending.forget()
  }
  const field = (name: Field) => (
    <Form.Item
      key={name}
      name={name}
      label={t.fields[name]}
      rules={name === 'ethnicity' || name === 'address' || name === 'level' ? [] : [{ required: true, whitespace: true, message: t.common.required(t.fields[name]) }]}
    >
      {name === 'level' ? (
        <Select options={Object.entries(t.levels).map(([value, label]) => ({ value, label }))} />
      ) : (
        <Input autoComplete="off" spellCheck={false} />
      )}
    </Form.Item>
  )
  const shown = (name: Field, value: string) => (name === 'level' ? word(t.levels, value) : value.trim() || t.candidate.empty)
  return (
    <Modal
      open
      width={640}
      title={review ? t.candidate.correctReview : t.candidate.correct}
      okText={review ? t.candidate.correctOk : t.candidate.correctNext}
      okButtonProps={{ disabled: !before }}
      cancelText={review ? t.candidate.correctBack : t.common.cancel}
      confirmLoading={sending.busy}
      closable={{ 'aria-label': t.common.close }}
      maskClosable={false}
      onOk={() => (review ? void send() : form.submit())}
      onCancel={(event) => (review && event.currentTarget.matches('.ant-btn') ? back() : onClose())}
    >
      <Trouble problem={now.problem} again={now.reload} />
      {now.loading && <Spin />}
      {before && (
        <div hidden={review !== null}>
          <Form form={form} layout="vertical" requiredMark={false} className="pairs" initialValues={before} onFinish={finish} onValuesChange={() => setUnchanged(false)}>
            {FIELDS.map(field)}
            <ReasonField />
          </Form>
          {unchanged && <p role="alert" className="wrong">{t.candidate.unchanged}</p>}
        </div>
      )}
      {before && review && (
        <>
          <Table
            size="small"
            pagination={false}
            caption={<span className="unseen">{t.candidate.correctReview}</span>}
            rowKey="name"
            dataSource={changedFields(before, review).map((name) => ({ name, before: before[name], after: review[name] }))}
            columns={[
              { title: t.candidate.field, key: 'name', render: (_, row) => t.fields[row.name] },
              { title: t.candidate.before, key: 'before', render: (_, row) => shown(row.name, row.before) },
              { title: t.candidate.after, key: 'after', render: (_, row) => <strong>{shown(row.name, row.after)}</strong> },
            ]}
          />
          <p>
            {t.reason.label}
            {t.common.colon}
            {review.reason.trim()}
          </p>
          <Trouble problem={sending.problem} />
        </>
      )}
    </Modal>
  )
}
