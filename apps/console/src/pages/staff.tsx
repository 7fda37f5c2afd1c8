// Who works here: an administrator's business.
import { Alert, Button, Form, Input, Modal, QRCode, Select } from 'antd'
import { useCallback, useState } from 'react'
import { api, ask } from '../api/client'
import type { Access, Staff } from '../api/shapes'
import { useSpeech, word } from '../i18n/language'
import { timeOf } from '../i18n/time'
import { ROLES } from '../office/roles'
import { DeedDialog } from '../ui/dialogs'
import { useDoing, useLoad } from '../ui/load'
import { Mark, Page, Rows, Trouble } from '../ui/parts'

type Deed = 'role' | 'activity' | 'reset'

function useRoles() {
  const { t } = useSpeech()
  return ROLES.map((role) => ({ value: role as string, label: t.roles[role] }))
}

/** What somebody signs in with, this once. */
function AccessDialog({ access, onClose }: { access: Access; onClose: () => void }) {
  const { t } = useSpeech()
  return (
    <Modal
      open
      title={t.staff.accessTitle}
      closable={false}
      keyboard={false}
      maskClosable={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {t.staff.accessSeen}
        </Button>
      }
    >
      <Alert type="warning" showIcon message={t.staff.accessAsk} role="none" />
      <dl className="access" data-testid="access">
        <dt>{t.staff.account}</dt>
        <dd>{access.account}</dd>
        <dt>{t.staff.firstPassword}</dt>
        <dd className="secret">{access.password}</dd>
        <dt>{t.staff.secret}</dt>
        <dd className="secret">{access.secret}</dd>
      </dl>
      <div role="img" aria-label={t.staff.qr} className="qr" data-testid="qr">
        <div aria-hidden="true">
          <QRCode value={access.otpauth} type="svg" size={200} errorLevel="M" />
        </div>
      </div>
    </Modal>
  )
}

function AddDialog({ onClose, onDone }: { onClose: () => void; onDone: (access: Access) => void }) {
  const { t } = useSpeech()
  const roles = useRoles()
  const [form] = Form.useForm<{ account: string; role: string }>()
  const adding = useDoing(async (body: { account: string; role: string }) => {
    onDone(await ask(api.POST('/api/v1/office/staff', { body: { ...body, account: body.account.trim() } })))
  })
  return (
    <Modal open title={t.staff.add} okText={t.staff.addOk} cancelText={t.common.cancel} confirmLoading={adding.busy} maskClosable={false} onOk={() => form.submit()} onCancel={onClose}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ role: 'registrar' }} onFinish={(values) => void adding.run(values)}>
        <Form.Item name="account" label={t.staff.account} extra={t.staff.accountHelp} rules={[{ required: true, whitespace: true, message: t.common.required(t.staff.account) }]}>
          <Input autoComplete="off" autoCapitalize="none" spellCheck={false} />
        </Form.Item>
        <Form.Item name="role" label={t.staff.role}>
          <Select options={roles} />
        </Form.Item>
      </Form>
      <Trouble problem={adding.problem} />
    </Modal>
  )
}

function RoleDialog({ of, onClose, onDone }: { of: Staff; onClose: () => void; onDone: () => void }) {
  const { t } = useSpeech()
  const roles = useRoles()
  const [form] = Form.useForm<{ role: string }>()
  const changing = useDoing(async ({ role }: { role: string }) => {
    await ask(api.PUT('/api/v1/office/staff/{account}', { params: { path: { account: of.account } }, body: { role, active: of.active } }))
  })
  const finish = async (values: { role: string }) => {
    if (values.role === of.role) onClose()
    else if (await changing.run(values)) onDone()
  }
  return (
    <Modal open title={t.staff.changeTitle(of.account)} okText={t.staff.changeOk} cancelText={t.common.cancel} confirmLoading={changing.busy} maskClosable={false} onOk={() => form.submit()} onCancel={onClose}>
      <p>{t.staff.changeAsk}</p>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ role: of.role }} onFinish={(values) => void finish(values)}>
        <Form.Item name="role" label={t.staff.role}>
          <Select options={roles} />
        </Form.Item>
      </Form>
      <Trouble problem={changing.problem} />
    </Modal>
  )
}

export function StaffPage() {
  const { t } = useSpeech()
  const staff = useLoad(useCallback(() => ask(api.GET('/api/v1/office/staff')), []))
  const [adding, setAdding] = useState(false)
  const [access, setAccess] = useState<Access | null>(null)
  const [notice, setNotice] = useState<string | null>(null)
  const [deed, setDeed] = useState<{ deed: Deed; of: Staff } | null>(null)
  const of = deed?.of
  const close = () => setDeed(null)
  const done = (said: string | null) => {
    setAdding(false)
    setDeed(null)
    setNotice(said)
    staff.reload()
  }
  return (
    <Page
      title={t.staff.title}
      notice={notice}
      onSeen={() => setNotice(null)}
      actions={
        <>
          <Button type="primary" onClick={() => setAdding(true)}>
            {t.staff.add}
          </Button>
          <Button onClick={staff.reload}>{t.common.reload}</Button>
        </>
      }
    >
      <div className="section">
        <Trouble problem={staff.problem} again={staff.reload} />
        {!staff.problem && (
          <Rows<Staff>
            caption={t.staff.caption}
            rows={staff.data ?? []}
            rowKey="account"
            loading={staff.loading}
            empty={staff.loading ? t.common.loading : t.staff.empty}
            columns={[
              { title: t.staff.account, dataIndex: 'account' },
              { title: t.staff.role, key: 'role', render: (_, row) => word(t.roles, row.role) },
              {
                title: t.staff.state,
                key: 'state',
                render: (_, row) => (
                  <>
                    <Mark tone={row.active ? 'success' : 'default'}>{row.active ? t.staff.active : t.staff.inactive}</Mark>
                    {row.locked && <Mark tone="error">{t.staff.locked}</Mark>}
                  </>
                ),
              },
              { title: t.staff.created, key: 'created', className: 'figures', render: (_, row) => timeOf(row.created_at) },
              {
                title: t.staff.actions,
                key: 'actions',
                render: (_, row) => (
                  <span className="row-actions">
                    <Button size="small" aria-label={`${t.staff.change} ${row.account}`} onClick={() => setDeed({ deed: 'role', of: row })}>
                      {t.staff.change}
                    </Button>
                    <Button
                      size="small"
                      aria-label={`${row.active ? t.staff.deactivate : t.staff.activate} ${row.account}`}
                      onClick={() => setDeed({ deed: 'activity', of: row })}
                    >
                      {row.active ? t.staff.deactivate : t.staff.activate}
                    </Button>
                    <Button size="small" aria-label={`${t.staff.reset} ${row.account}`} onClick={() => setDeed({ deed: 'reset', of: row })}>
                      {t.staff.reset}
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </div>
      {adding && (
        <AddDialog
          onClose={() => setAdding(false)}
          onDone={(told) => {
            setAccess(told)
            done(null)
          }}
        />
      )}
      {of && deed.deed === 'role' && <RoleDialog of={of} onClose={close} onDone={() => done(t.staff.changed)} />}
      {of && deed.deed === 'activity' && (
        <DeedDialog
          title={of.active ? t.staff.deactivateTitle(of.account) : t.staff.activateTitle(of.account)}
          ask={of.active ? t.staff.deactivateAsk : t.staff.activateAsk}
          ok={of.active ? t.staff.deactivate : t.staff.activate}
          danger={of.active}
          act={async () => {
            await ask(api.PUT('/api/v1/office/staff/{account}', { params: { path: { account: of.account } }, body: { role: of.role, active: !of.active } }))
          }}
          onClose={close}
          onDone={() => done(of.active ? t.staff.deactivated : t.staff.activated)}
        />
      )}
      {of && deed.deed === 'reset' && (
        <DeedDialog
          title={t.staff.resetTitle(of.account)}
          ask={t.staff.resetAsk}
          ok={t.staff.resetOk}
          danger
          act={async () => setAccess(await ask(api.POST('/api/v1/office/staff/{account}/reset', { params: { path: { account: of.account } } })))}
          onClose={close}
          onDone={() => done(null)}
        />
      )}
      {access && <AccessDialog access={access} onClose={() => setAccess(null)} />}
    </Page>
  )
}
