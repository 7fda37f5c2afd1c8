// Screen 4: both sides of the identity card.
import { useState } from 'react'
import emblemDrawing from '../assets/card-emblem.svg'
import portraitDrawing from '../assets/card-portrait.svg'
import type { CardSide, Slot } from '../api/shapes'
import { journey, useJourney } from '../journey/use-journey'
import type { Upload } from '../journey/situation'
import { useStored } from '../journey/use-picture'
import { useSpeech } from '../i18n/language'
import type { Picture } from '../platform/picture'
import { Camera, cameraIsGiven } from '../ui/camera'
import { Dialog } from '../ui/dialog'
import { Box, Heading, Press, Shown, useAlbum, useSystemCamera, Words } from '../ui/kit'
import { Callout } from '../ui/notice'
import { ProgressBar } from '../ui/progress'
import { Reasons } from '../ui/reasons'
import { Screen } from '../ui/screen'

type SideSlot = Exclude<Slot, 'photo'>

const DRAWINGS: Record<SideSlot, string> = { portrait: portraitDrawing, emblem: emblemDrawing }

function useSideWords(slot: SideSlot) {
  const { t } = useSpeech()
  return slot === 'portrait'
    ? { call: t.card.portrait, side: t.card.portraitSide, help: t.card.portraitHelp }
    : { call: t.card.emblem, side: t.card.emblemSide, help: t.card.emblemHelp }
}

interface SideProps {
  slot: SideSlot
  side: CardSide | null
  upload: Upload | null
  onPress: () => void
}

function Side({ slot, side, upload, onPress }: SideProps) {
  const { t, say } = useSpeech()
  const { revisions } = useJourney()
  const words = useSideWords(slot)
  const stored = useStored(`card_${slot}`, side?.picture === true && !upload, revisions[slot])
  const moving = upload !== null && upload.phase !== 'failed'
  const look = upload ? (moving ? 'moving' : 'bad') : side ? (side.accepted ? 'good' : 'bad') : 'empty'
  const picture = upload?.preview ?? stored
  return (
    <Box as="section" className={`side side-${look}`} testId={`card-${slot}-state-${look}`}>
      <Press kind="bare" className="side-key" onPress={onPress} disabled={moving} opens testId={`card-${slot}`}>
        <Box className="side-picture" decoration>
          <Shown
            source={picture ?? DRAWINGS[slot]}
            alt=""
            className={picture ? 'side-image' : 'side-drawing'}
            boxed={picture !== null}
          />
        </Box>
        <Words className="side-call">
          {look === 'empty' || look === 'moving' ? words.call : `${words.side} · ${t.card.change}`}
        </Words>
        {look === 'empty' && <Words className="side-help">{words.help}</Words>}
      </Press>
      <Box live="polite" className="side-state">
        {look === 'good' && <Words className="badge badge-fine">✓ {t.card.accepted}</Words>}
        {upload && moving && (
          <ProgressBar
            share={upload.progress}
            words={
              upload.phase === 'judging' ? t.card.judging : t.card.sending(Math.floor(upload.progress * 100))
            }
            busy={upload.phase === 'judging'}
          />
        )}
        {look === 'bad' && (
          <Callout tone="bad" title={upload ? t.card.failed : t.card.rejected} testId={`card-${slot}-reasons`}>
            {upload?.text && <Box as="p">{say(upload.text)}</Box>}
            {!upload && side && <Reasons findings={side.findings.filter((one) => one.outcome === 'fail')} />}
          </Callout>
        )}
      </Box>
      {upload?.phase === 'failed' && upload.again && (
        <Press kind="secondary" onPress={() => journey.resend(slot)} testId={`card-${slot}-resend`}>
          {t.card.resend}
        </Press>
      )}
    </Box>
  )
}

/** Both ways to a picture of one side. The ways stay ready while nothing is open. */
function useWays(slot: SideSlot, close: () => void) {
  const taken = (picture: Picture) => {
    close()
    journey.upload(slot, picture)
  }
  return { album: useAlbum(taken), system: useSystemCamera(taken), taken }
}

export function CardScreen() {
  const { t, say } = useSpeech()
  const { collection, uploads, under_way } = useJourney()
  const [asked, setAsked] = useState<SideSlot | null>(null)
  const [camera, setCamera] = useState<SideSlot | null>(null)
  const close = () => {
    setAsked(null)
    setCamera(null)
  }
  const ways = { portrait: useWays('portrait', close), emblem: useWays('emblem', close) }
  const askedWords = useSideWords(asked ?? camera ?? 'portrait')
  if (!collection) return null
  const { portrait, emblem } = collection.card
  const moving = uploads.portrait !== null || uploads.emblem !== null
  const ready = portrait?.accepted === true && emblem?.accepted === true && !moving

  const byCamera = (slot: SideSlot) => {
    if (!cameraIsGiven()) return ways[slot].system.open()
    setAsked(null)
    setCamera(slot)
  }

  const dialog = camera ? (
    <Camera
      frame={`card-${camera}`}
      title={t.camera.cardTitle(askedWords.side)}
      help={t.camera.cardHelp}
      onPicture={ways[camera].taken}
      onClose={close}
    />
  ) : asked ? (
    <Dialog kind="sheet" labelledBy="card-ask-title" onClose={close} testId="card-choice">
      <Heading level={2} className="dialog-title" id="card-ask-title">
        {t.card.chooseHow(askedWords.side)}
      </Heading>
      <Press kind="primary" onPress={() => byCamera(asked)} testId={`card-${asked}-camera`}>
        {t.card.camera}
      </Press>
      <Press kind="secondary" onPress={ways[asked].album.open} testId={`card-${asked}-album`}>
        {t.card.album}
      </Press>
      <Press kind="quiet" onPress={close} testId="card-choice-close">
        {t.photo.cancel}
      </Press>
    </Dialog>
  ) : null

  return (
    <Screen
      name="card"
      title={t.card.title}
      intro={t.card.intro}
      dialog={dialog}
      keys={
        <>
          <Box as="p" className="keys-hint" id="card-submit-hint">
            {ready ? t.card.ready : t.card.notYet}
          </Box>
          <Press
            kind="primary"
            onPress={() => void journey.step('handIn')}
            disabled={!ready}
            busy={under_way === 'handIn'}
            describedBy="card-submit-hint"
            testId="card-submit"
          >
            {t.card.submit}
          </Press>
        </>
      }
    >
      {collection.verification && (
        <Callout tone="mind" testId="card-taken-back">
          <Box as="p">{say(collection.verification.message)}</Box>
        </Callout>
      )}
      <Box className="sides">
        <Side slot="portrait" side={portrait} upload={uploads.portrait} onPress={() => setAsked('portrait')} />
        <Side slot="emblem" side={emblem} upload={uploads.emblem} onPress={() => setAsked('emblem')} />
      </Box>
      {(['portrait', 'emblem'] as const).map((slot) => (
        <Box key={slot}>
          {ways[slot].album.element(`card-${slot}-album-input`)}
          {ways[slot].system.element(`card-${slot}-camera-input`)}
        </Box>
      ))}
    </Screen>
  )
}
