// Capturing at the desk: the candidate's own page, at the desk's camera, in a window of its own.
import { Button, Modal } from 'antd'
import { useState } from 'react'
import { api, ask } from '../../api/client'
import { useSpeech } from '../../i18n/language'
import { DeedDialog } from '../../ui/dialogs'

/** In a window that knows nothing of this one: it must not get this one's session. */
function openApart(path: string): void {
  const link = document.createElement('a')
  link.href = path
  link.target = '_blank'
  link.rel = 'noopener noreferrer'
  link.click()
}

export function DeskDialog(props: { exam: string; registration: string; onClose: () => void; onDone: () => void }) {
  const { t } = useSpeech()
  const { exam, registration } = props
  const [path, setPath] = useState<string | null>(null)
  if (path !== null) {
    return (
      <Modal
        open
        title={t.candidate.desk}
        closable={false}
        maskClosable={false}
        onCancel={props.onDone}
        footer={
          <Button type="primary" onClick={props.onDone}>
            {t.candidate.deskDone}
          </Button>
        }
      >
        <p>{t.candidate.deskOpened}</p>
        <p>
          <a href={path} target="_blank" rel="noopener noreferrer">
            {t.candidate.deskOpen}
          </a>
        </p>
      </Modal>
    )
  }
  return (
    <DeedDialog
      title={t.candidate.desk}
      ask={t.candidate.deskAsk}
      ok={t.candidate.deskOk}
      reason
      act={async (reason) => {
        const desk = await ask(api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/desk', { params: { path: { exam, registration } }, body: { reason } }))
        openApart(desk.path)
        setPath(desk.path)
      }}
      onClose={props.onClose}
      onDone={() => undefined}
    />
  )
}
