import { Alert, Button, Form, Input } from 'antd'
import { useEffect, useState } from 'react'
import { api, ask } from '../api/client'
import { useSpeech } from '../i18n/language'
import { session } from '../session/session'
import { useDoing } from '../ui/load'
import { Trouble } from '../ui/parts'
import { LanguageSwitch } from '../ui/shell'

interface Values {
  account: string
  password: string
  code: string
}

export function SignInPage() {
  const { t } = useSpeech()
  const [form] = Form.useForm<Values>()
  const [why] = useState(() => session.ending())
  const signing = useDoing(async (values: Values) => {
    const code = values.code.replace(/\s/g, '')
    session.begin(await ask(api.POST('/api/v1/office/sign-in', { body: { ...values, account: values.account.trim(), code } })))
  })
  useEffect(() => {
    document.title = `${t.signIn.title} · ${t.product}`
  }, [t])
  const finish = async (values: Values) => {
    // A code is good for one try.
    if (!(await signing.run(values))) form.setFieldValue('code', '')
  }
  const required = (field: string) => ({ required: true, message: t.common.required(field) })
  return (
    <main className="sign-in">
      <div className="sign-in-box">
        <div className="sign-in-head">
          <span className="product">
            {t.product} <small>{t.productLine}</small>
          </span>
          <LanguageSwitch />
        </div>
        <h1>{t.signIn.title}</h1>
        {why && !signing.problem && <Alert type="info" showIcon message={t.signIn.endings[why]} data-testid="ending" />}
        <Trouble problem={signing.problem} />
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => void finish(values)}>
          <Form.Item name="account" label={t.signIn.account} rules={[required(t.signIn.account)]}>
            <Input autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus />
          </Form.Item>
          <Form.Item name="password" label={t.signIn.password} rules={[required(t.signIn.password)]}>
            <Input type="password" autoComplete="current-password" />
          </Form.Item>
          <Form.Item
            name="code"
            label={t.signIn.code}
            extra={t.signIn.codeHelp}
            rules={[required(t.signIn.code), { pattern: /^\s*(\d\s*){6}$/, message: t.signIn.codeMalformed }]}
            validateTrigger="onSubmit"
          >
            <Input autoComplete="one-time-code" inputMode="numeric" className="digits" />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={signing.busy}>
            {t.signIn.submit}
          </Button>
        </Form>
      </div>
    </main>
  )
}
