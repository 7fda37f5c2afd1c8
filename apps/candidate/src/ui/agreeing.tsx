// The tick that agrees to both texts, and the texts to read.
import { useState } from 'react'
import type { Document } from '../api/shapes'
import { useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box, Press, Tick } from './kit'
import { Reading } from './reading'

interface AgreeingProps {
  id: string
  agreed: boolean
  onChange: (agreed: boolean) => void
  error: string | null
}

/** The text that is being read, as a dialog for the screen, and what opens it. */
export function useReading() {
  const { say } = useSpeech()
  const [reading, setReading] = useState<Document | null>(null)
  const dialog = reading && (
    <Reading title={say(reading.title)} text={say(reading.body)} onClose={() => setReading(null)} />
  )
  return { dialog, read: setReading }
}

export function Agreeing({ id, agreed, onChange, error, read }: AgreeingProps & { read: (text: Document) => void }) {
  const { t } = useSpeech()
  const { entry } = useJourney()
  return (
    <>
      <Tick id={`${id}-agree`} checked={agreed} onChange={onChange} testId={`${id}-agree`} error={error}>
        {t.login.agree}
        {t.login.agreement}
        {t.login.and}
        {t.login.privacy}
      </Tick>
      <Box className="documents">
        <Press
          kind="quiet"
          opens
          onPress={() => entry && read(entry.agreement)}
          testId={`${id}-agreement-read`}
          className="document-key"
        >
          {t.login.agreement}
        </Press>
        <Press
          kind="quiet"
          opens
          onPress={() => entry && read(entry.privacy)}
          testId={`${id}-privacy-read`}
          className="document-key"
        >
          {t.login.privacy}
        </Press>
      </Box>
    </>
  )
}
