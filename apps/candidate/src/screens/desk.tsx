// At the desk: a registrar has opened the page for a candidate, who agrees to the texts here.
import { useState } from 'react'
import { GivenUp } from '../api/client'
import { Problem } from '../api/problem'
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { focusOn } from '../platform/page'
import { Agreeing, useReading } from '../ui/agreeing'
import { Box, Press } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'

export function Desk() {
  const { t, say } = useSpeech()
  const { entry } = useJourney()
  const [agreed, setAgreed] = useState(false)
  const [missing, setMissing] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const reading = useReading()

  const begin = async () => {
    if (busy) return
    setMissing(!agreed)
    if (!agreed) return focusOn('desk-agree')
    if (!entry) return setProblem(t.login.notLoaded)
    setBusy(true)
    setProblem(null)
    try {
      await journey.beginAtDesk()
    } catch (trouble) {
      setBusy(false)
      if (trouble instanceof GivenUp) return
      if (!(trouble instanceof Problem)) throw trouble
      setProblem(say(trouble.text))
    }
  }

  return (
    <Screen
      name="desk"
      title={t.desk.title}
      intro={t.desk.intro}
      keys={
        <Press kind="primary" onPress={() => void begin()} busy={busy} testId="desk-begin">
          {t.desk.begin}
        </Press>
      }
      dialog={reading.dialog}
    >
      <Agreeing
        id="desk"
        agreed={agreed}
        onChange={setAgreed}
        error={missing && !agreed ? t.login.agreeMissing : null}
        read={reading.read}
      />
      <Box live="polite">
        {problem && (
          <Callout tone="bad" testId="desk-problem">
            <Box as="p">{problem}</Box>
          </Callout>
        )}
      </Box>
    </Screen>
  )
}
