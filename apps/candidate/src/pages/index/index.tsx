// The one page: shows the screen that the situation asks for.
import { screenOf, type ScreenName } from '../../journey/screens'
import { journey, useJourney } from '../../journey/use-journey'
import type { Situation } from '../../journey/situation'
import { useSpeech } from '../../i18n/language'
import { CardScreen } from '../../screens/card'
import { Check } from '../../screens/check'
import { Confirm } from '../../screens/confirm'
import { Consent } from '../../screens/consent'
import { Desk } from '../../screens/desk'
import { Failed } from '../../screens/failed'
import { Home } from '../../screens/home'
import { Inspection } from '../../screens/inspection'
import { Login } from '../../screens/login'
import { PhotoMoving, PhotoScreen } from '../../screens/photo'
import { Refused } from '../../screens/refused'
import { StatusScreen } from '../../screens/status'
import { Success } from '../../screens/success'
import { Verifying } from '../../screens/verifying'
import { Warned } from '../../screens/warned'
import { Box } from '../../ui/kit'
import { TroubleBanner } from '../../ui/trouble'

journey.start()

function Opening() {
  const { t } = useSpeech()
  return (
    <Box className="page">
      <TroubleBanner />
      <Box className="opening" live="polite">
        <Box className="spinner" decoration />
        <Box as="p">{t.wait.loading}</Box>
      </Box>
    </Box>
  )
}

const SCREENS: Record<ScreenName, () => JSX.Element | null> = {
  home: Home,
  login: Login,
  desk: Desk,
  card: CardScreen,
  confirm: () => <Confirm name="confirm" />,
  blocked: () => <Confirm name="blocked" />,
  advisory: () => <Confirm name="advisory" />,
  photo: PhotoScreen,
  check: Check,
  consent: Consent,
  warned: Warned,
  inspection: Inspection,
  verifying: Verifying,
  refused: Refused,
  success: Success,
  failed: Failed,
  status: StatusScreen,
}

function Current({ situation }: { situation: Situation }) {
  const { token, collection, place, uploads } = situation
  if (token === null) {
    const Place = SCREENS[place]
    return <Place />
  }
  if (!collection) return <Opening />
  if (uploads.photo) return <PhotoMoving upload={uploads.photo} />
  const Shown = SCREENS[screenOf(collection)]
  return <Shown />
}

export default function Index() {
  const situation = useJourney()
  const { looking } = situation
  return (
    <Box className="app">
      <Box className={looking ? 'covered' : undefined} inert={looking}>
        <Current situation={situation} />
      </Box>
      {looking && <StatusScreen />}
    </Box>
  )
}
