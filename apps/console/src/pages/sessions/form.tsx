// The form of an exam session, new or changed.
import { Button, Checkbox, Form, Input, InputNumber, Radio, Select } from 'antd'
import { useState } from 'react'
import { api, ask } from '../../api/client'
import type { ExamDetails } from '../../api/shapes'
import { useSpeech } from '../../i18n/language'
import { DOCUMENTS, examValues, INSPECTIONS, setExamOf, writtenOf, type DocumentKind, type ExamValues } from '../../office/exam-form'
import { useDoing } from '../../ui/load'
import { Section, Trouble } from '../../ui/parts'

interface Props {
  /** What is changed, or what a new one begins like. */
  of: ExamDetails | null
  fresh?: boolean
  onClose: () => void
  onDone: () => void
}

/** The fields of a text of the office's own. */
function OwnText({ kind, of }: { kind: DocumentKind; of: ExamDetails | null }) {
  const { t } = useSpeech()
  const required = (field: string) => ({ required: true, whitespace: true, message: t.common.required(field) })
  const area = (language: 'zh' | 'en', label: string) => (
    <Form.Item name={['texts', kind, language]} label={label} extra={t.sessions.ownHelp} initialValue={writtenOf(of?.[kind])[language]} rules={[required(label)]}>
      <Input.TextArea autoSize={{ minRows: 8, maxRows: 18 }} />
    </Form.Item>
  )
  return (
    <>
      <Form.Item
        name={['texts', kind, 'version']}
        label={t.sessions.ownVersion}
        extra={t.sessions.ownVersionHelp}
        rules={[
          required(t.sessions.ownVersion),
          {
            validator: async (_, value: string | undefined) => {
              if (value && value.trim() === of?.[kind].version) throw new Error(t.sessions.ownVersionSame)
            },
          },
        ]}
      >
        <Input autoComplete="off" className="short" />
      </Form.Item>
      {area('zh', t.sessions.ownZh)}
      {area('en', t.sessions.ownEn)}
    </>
  )
}

export function ExamForm({ of, fresh = false, onClose, onDone }: Props) {
  const { t, said } = useSpeech()
  const [form] = Form.useForm<ExamValues>()
  const [own, setOwn] = useState<DocumentKind[]>([])
  const inspection = Form.useWatch('inspection', form)
  const saving = useDoing(async (values: ExamValues) => {
    const id = fresh ? values.id.trim() : (of?.id ?? '')
    await ask(api.PUT('/api/v1/office/exams/{exam}', { params: { path: { exam: id } }, body: setExamOf({ ...values, id }, fresh ? null : of) }))
  })
  const finish = async (values: ExamValues) => {
    if (await saving.run(values)) onDone()
  }
  const required = (field: string) => ({ required: true, whitespace: true, message: t.common.required(field) })
  const toggle = (kind: DocumentKind) => setOwn(own.includes(kind) ? own.filter((one) => one !== kind) : [...own, kind])
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      scrollToFirstError
      initialValues={examValues(of, fresh)}
      onFinish={(values) => void finish({ ...examValues(of, fresh), ...values })}
    >
      <Section title={t.sessions.settings}>
        <div className="fields">
          {fresh && (
            <Form.Item
              name="id"
              label={t.sessions.id}
              extra={t.sessions.idHelp}
              rules={[required(t.sessions.id), { pattern: /^\s*[A-Za-z0-9_-]{1,64}\s*$/, message: t.sessions.idWrong }]}
            >
              <Input autoComplete="off" autoCapitalize="none" spellCheck={false} />
            </Form.Item>
          )}
          <Form.Item name="name" label={t.sessions.name} rules={[required(t.sessions.name)]}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="standard" label={t.sessions.standard} rules={of ? [] : [required(t.sessions.standard)]}>
            {of ? (
              <Select options={of.standards.map(({ id, name }) => ({ value: id, label: `${said(name)} (${id})` }))} />
            ) : (
              <Input autoComplete="off" autoCapitalize="none" spellCheck={false} />
            )}
          </Form.Item>
          <Form.Item name="attempts_allowed" label={t.sessions.attempts} rules={[{ required: true, message: t.common.required(t.sessions.attempts) }]}>
            <InputNumber min={1} max={255} precision={0} />
          </Form.Item>
          <Form.Item name="closes_at" label={t.sessions.closes} extra={t.sessions.closesHelp}>
            <Input type="datetime-local" />
          </Form.Item>
          <Form.Item name="open" label={t.sessions.state} extra={t.sessions.openHelp} valuePropName="checked">
            <Checkbox>{t.sessions.openBox}</Checkbox>
          </Form.Item>
          <Form.Item name="office_name" label={t.sessions.officeName} rules={[required(t.sessions.officeName)]}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="office_phone" label={t.sessions.officePhone} extra={t.sessions.officeHelp} rules={[required(t.sessions.officePhone)]}>
            <Input autoComplete="off" inputMode="tel" />
          </Form.Item>
        </div>
        {of && (
          <Form.Item
            name="cards"
            label={t.sessions.cards}
            rules={[
              {
                validator: async (_, value: string[]) => {
                  if (value.length === 0) throw new Error(t.sessions.cardsMissing)
                },
              },
            ]}
          >
            <Checkbox.Group aria-label={t.sessions.cards} options={of.card_kinds.map(({ id, name }) => ({ value: id, label: said(name) }))} />
          </Form.Item>
        )}
        <Form.Item name="inspection" label={t.sessions.inspection} extra={t.sessions.inspectionHelp}>
          <Radio.Group aria-label={t.sessions.inspection} options={INSPECTIONS.map((value) => ({ value, label: t.sessions.inspections[value] }))} />
        </Form.Item>
        <Form.Item name="two_eyes" valuePropName="checked" extra={t.sessions.twoEyesHelp}>
          <Checkbox disabled={inspection === 'off'}>{t.sessions.twoEyesBox}</Checkbox>
        </Form.Item>
      </Section>
      <Section title={t.sessions.texts}>
        <p className="hint">{t.sessions.textsHelp}</p>
        {DOCUMENTS.map((kind) => (
          <fieldset key={kind} className="own">
            <legend>
              {t.sessions.documents[kind]} <span className="hint">{of && !fresh ? t.sessions.version(of[kind].version) : t.sessions.builtIn}</span>
            </legend>
            <Button size="small" aria-expanded={own.includes(kind)} onClick={() => toggle(kind)}>
              {own.includes(kind) ? t.sessions.ownNot : t.sessions.own}
            </Button>
            {own.includes(kind) && <OwnText kind={kind} of={fresh ? null : of} />}
          </fieldset>
        ))}
      </Section>
      <Trouble problem={saving.problem} />
      <div className="form-actions">
        <Button type="primary" htmlType="submit" loading={saving.busy}>
          {t.sessions.save}
        </Button>
        <Button onClick={onClose}>{t.common.cancel}</Button>
      </div>
    </Form>
  )
}
