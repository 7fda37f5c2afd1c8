import { Button, Form, Input } from 'antd'
import { api, ask } from '../api/client'
import { useSpeech } from '../i18n/language'
import { session } from '../session/session'
import { useDoing } from '../ui/load'
import { Page, Trouble } from '../ui/parts'

interface Values {
  current: string
  new: string
  repeat: string
}

export function PasswordPage() {
  const { t } = useSpeech()
  const [form] = Form.useForm<Values>()
  const changing = useDoing(async (values: Values) => {
    await ask(api.POST('/api/v1/office/password', { body: { current: values.current, new: values.new } }))
    // The server has ended all of one's sessions.
    session.end('password')
  })
  const required = (field: string) => ({ required: true, message: t.common.required(field) })
  return (
    <Page title={t.password.title}>
      <div className="section narrow">
        <p>{t.password.ends}</p>
        <Trouble problem={changing.problem} />
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => void changing.run(values)}>
          <Form.Item name="current" label={t.password.current} rules={[required(t.password.current)]}>
            <Input type="password" autoComplete="current-password" />
          </Form.Item>
          <Form.Item name="new" label={t.password.new} extra={t.password.newHelp} rules={[required(t.password.new)]}>
            <Input type="password" autoComplete="new-password" />
          </Form.Item>
          <Form.Item
            name="repeat"
            label={t.password.repeat}
            dependencies={['new']}
            rules={[
              required(t.password.repeat),
              {
                validator: async (_, value: string | undefined) => {
                  if (value && value !== form.getFieldValue('new')) throw new Error(t.password.different)
                },
              },
            ]}
          >
            <Input type="password" autoComplete="new-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={changing.busy}>
            {t.password.submit}
          </Button>
        </Form>
      </div>
    </Page>
  )
}
