// A minute before a session ends for idleness, this says so, and lets one stay.
import { Button, Modal } from 'antd'
import { useEffect, useState } from 'react'
import { api, ask } from '../api/client'
import { useSpeech } from '../i18n/language'
import { useDoing } from '../ui/load'
import { Trouble } from '../ui/parts'
import { watchIdle } from './idle'
import { session, type Session } from './session'

export function IdleWarning({ of: { token, idle_s } }: { of: Session }) {
  const { t } = useSpeech()
  const [left, setLeft] = useState<number | null>(null)
  const staying = useDoing(async () => {
    await ask(api.GET('/api/v1/office/me'))
  })
  useEffect(
    () =>
      watchIdle(idle_s, () => session.touchedAt(), (idle) => {
        setLeft(idle.state === 'warning' ? idle.left_s : null)
        if (idle.state === 'over') session.end('idle')
      }),
    [token, idle_s],
  )
  const stay = async () => {
    if (await staying.run()) setLeft(null)
  }
  return (
    <Modal
      open={left !== null}
      title={t.idle.title}
      closable={false}
      keyboard={false}
      maskClosable={false}
      zIndex={2000}
      footer={
        <Button type="primary" autoFocus loading={staying.busy} onClick={() => void stay()}>
          {t.idle.stay}
        </Button>
      }
    >
      <p className="unseen" role="alert">
        {t.idle.announce}
      </p>
      <p>{t.idle.body(left ?? 0)}</p>
      <Trouble problem={staying.problem} />
    </Modal>
  )
}
