// Screen 3: phone, code, agreement.
import { useState } from 'react'
import { GivenUp } from '../api/client'
import { Problem } from '../api/problem'
import type { Text } from '../api/shapes'
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { useBack } from '../platform/back'
import { focusOn } from '../platform/page'
import { Agreeing, useReading } from '../ui/agreeing'
import { Box, PhoneLink, Press, TextField } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'
import { Outages } from '../ui/status'
import { useSecondsUntil } from '../ui/trouble'

type Field = 'phone' | 'code' | 'agree'

/** Codes that tell which field has to be mended. */
const FIELD_OF: Record<string, Field> = {
  phone_malformed: 'phone',
  phone_unknown: 'phone',
  code_malformed: 'code',
  code_wrong: 'code',
  code_expired: 'code',
  consent_missing: 'agree',
}

export function Login() {
  const { t, say } = useSpeech()
  const { entry } = useJourney()
  const [phone, setPhone] = useState('')
  const [code, setCode] = useState('')
  const [agreed, setAgreed] = useState(false)
  const [wrong, setWrong] = useState<Partial<Record<Field, string | Text>>>({})
  const [left, setLeft] = useState<number | null>(null)
  const [sent, setSent] = useState<{ registered: boolean; message: Text } | null>(null)
  const [problem, setProblem] = useState<string | Text | null>(null)
  const [again, setAgain] = useState<number | null>(null)
  const [busy, setBusy] = useState<'code' | 'login' | null>(null)
  const reading = useReading()
  const seconds = useSecondsUntil(again)
  useBack(true, journey.leave)

  const length = entry?.code.length ?? 6
  const words = (said: string | Text | null | undefined) =>
    said === undefined || said === null ? null : typeof said === 'string' ? said : say(said)
  const codeError = words(wrong.code)
  const inSeconds = (wait: number) => setAgain(Date.now() + wait * 1000)
  const refuse = (field: Field, why: string | Text) => {
    setWrong({ [field]: why })
    focusOn(`login-${field}`)
  }
  const tell = (trouble: unknown) => {
    if (trouble instanceof GivenUp) return
    if (!(trouble instanceof Problem)) throw trouble
    const field = FIELD_OF[trouble.code]
    if (trouble.retryAfterS !== null && trouble.code.startsWith('code_too')) inSeconds(trouble.retryAfterS)
    if (!field) return setProblem(trouble.text)
    refuse(field, trouble.text)
    setLeft(trouble.triesLeft)
  }
  const begin = (what: 'code' | 'login') => {
    setBusy(what)
    setWrong({})
    setLeft(null)
    setProblem(null)
  }

  const send = async () => {
    if (busy || seconds > 0) return
    if (!/^\d{11}$/.test(phone)) return refuse('phone', t.login.phoneMissing)
    begin('code')
    setSent(null)
    try {
      const answer = await journey.sendCode(phone)
      setSent(answer)
      inSeconds(answer.again_after_s)
      if (answer.registered) focusOn('login-code')
    } catch (trouble) {
      tell(trouble)
    } finally {
      setBusy(null)
    }
  }

  const submit = async () => {
    if (busy) return
    if (!/^\d{11}$/.test(phone)) return refuse('phone', t.login.phoneMissing)
    if (code.length !== length) return refuse('code', t.login.codeMissing(length))
    if (!agreed) return refuse('agree', t.login.agreeMissing)
    if (!entry) return setProblem(t.login.notLoaded)
    begin('login')
    try {
      await journey.login(phone, code)
    } catch (trouble) {
      tell(trouble)
      setBusy(null)
    }
  }

  return (
    <Screen
      name="login"
      title={t.login.title}
      intro={t.login.intro}
      keys={
        <Press kind="primary" onPress={() => void submit()} busy={busy === 'login'} testId="login-submit">
          {t.login.submit}
        </Press>
      }
      dialog={reading.dialog}
    >
      <Outages />
      <TextField
        id="login-phone"
        kind="phone"
        label={t.login.phone}
        hint={t.login.phoneHint}
        value={phone}
        maxLength={13}
        onInput={(value) => setPhone(value.replace(/\D/g, '').slice(0, 11))}
        onEnter={() => void send()}
        error={words(wrong.phone)}
        testId="login-phone"
      />
      <TextField
        id="login-code"
        kind="code"
        label={t.login.code}
        hint={t.login.codeHint(length)}
        value={code}
        maxLength={length}
        onInput={(value) => setCode(value.replace(/\D/g, '').slice(0, length))}
        onEnter={() => void submit()}
        error={codeError !== null && left !== null ? `${codeError} ${t.login.triesLeft(left)}` : codeError}
        testId="login-code"
        beside={
          <Press
            kind="secondary"
            className="field-key"
            onPress={() => void send()}
            busy={busy === 'code'}
            disabled={seconds > 0}
            testId="login-code-send"
          >
            {seconds > 0 ? t.login.countdown(seconds) : sent ? t.login.sendAgain : t.login.send}
          </Press>
        }
      />
      <Box live="polite">
        {sent && (
          <Callout tone={sent.registered ? 'fine' : 'mind'} testId="login-code-sent">
            <Box as="p">{say(sent.message)}</Box>
            {!sent.registered && entry && (
              <PhoneLink number={entry.office.phone} className="phone-key">
                {t.help.call(entry.office.phone)}
              </PhoneLink>
            )}
          </Callout>
        )}
        {problem && (
          <Callout tone="bad" testId="login-problem">
            <Box as="p">{words(problem)}</Box>
          </Callout>
        )}
      </Box>
      <Agreeing id="login" agreed={agreed} onChange={setAgreed} error={words(wrong.agree)} read={reading.read} />
    </Screen>
  )
}
