// Dialogs before a deed: what it does, why it is done, and a last click.
import { Form, Input, Modal } from 'antd'
import { useSpeech } from '../i18n/language'
import { useDoing } from './load'
import { Trouble } from './parts'

const LONGEST = 500

/** The field for a reason, in any form. */
export function ReasonField() {
  const { t } = useSpeech()
  return (
    <Form.Item
      name="reason"
      className="reason"
      label={t.reason.label}
      extra={t.reason.help}
      required
      rules={[
        {
          validator: async (_, value: string | undefined) => {
            const length = [...(value ?? '').trim()].length
            if (length === 0) throw new Error(t.reason.missing)
            if (length > LONGEST) throw new Error(t.reason.long)
          },
        },
      ]}
    >
      <Input.TextArea rows={3} showCount={{ formatter: ({ value }) => `${[...value].length} / ${LONGEST}` }} />
    </Form.Item>
  )
}

interface Deed {
  title: string
  ask: string
  ok: string
  danger?: boolean
  /** Whether a reason is asked for. */
  reason?: boolean
  act: (reason: string) => Promise<void>
  onClose: () => void
  onDone: () => void
}

/** Asks before something is done; stays open, with the problem, where it could not be done. */
export function DeedDialog(props: Deed) {
  const { t } = useSpeech()
  const [form] = Form.useForm<{ reason?: string }>()
  const doing = useDoing(props.act)
  const finish = async ({ reason }: { reason?: string }) => {
    if (await doing.run((reason ?? '').trim())) props.onDone()
  }
  return (
    <Modal
      open
      title={props.title}
      okText={props.ok}
      cancelText={t.common.cancel}
      okButtonProps={{ danger: props.danger }}
      confirmLoading={doing.busy}
      onOk={() => form.submit()}
      onCancel={props.onClose}
      maskClosable={false}
    >
      <p>{props.ask}</p>
      <Form form={form} layout="vertical" onFinish={(values) => void finish(values)} requiredMark={false}>
        {props.reason && <ReasonField />}
      </Form>
      <Trouble problem={doing.problem} />
    </Modal>
  )
}
