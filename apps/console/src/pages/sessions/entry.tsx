// The candidates' entry as a QR code, for notices.
import { Button, QRCode } from 'antd'
import { useRef } from 'react'
import { useSpeech } from '../../i18n/language'
import { save } from '../../ui/save'
import { Section } from '../../ui/parts'

/** Pixels of the file: enough for a poster. */
const PRINTED = 1200

export function Entry({ url }: { url: string | null | undefined }) {
  const { t } = useSpeech()
  const printed = useRef<HTMLDivElement>(null)
  const address = `${url ?? location.origin}/`
  const download = () =>
    printed.current?.querySelector('canvas')?.toBlob((png) => {
      if (png) save('zhaoyan-entry.png', png)
    }, 'image/png')
  return (
    <Section title={t.sessions.entry}>
      <div className="entry">
        <div role="img" aria-label={t.sessions.entryQr(address)} data-testid="entry-qr">
          <div aria-hidden="true">
            <QRCode value={address} type="svg" size={168} errorLevel="M" />
          </div>
        </div>
        <div>
          <p>{t.sessions.entryHelp}</p>
          <p>
            <code className="address">{address}</code>
          </p>
          <Button onClick={download}>{t.sessions.entrySave}</Button>
        </div>
        <div ref={printed} hidden>
          <QRCode value={address} type="canvas" size={PRINTED} errorLevel="M" bgColor="#ffffff" color="#000000" bordered={false} />
        </div>
      </div>
    </Section>
  )
}
