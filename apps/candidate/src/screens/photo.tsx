// Screen 6: how the photo should be, and two ways to it.
import { useEffect, useState } from 'react'
import backlight from '../assets/example-backlight.svg'
import covered from '../assets/example-covered.svg'
import good from '../assets/example-good.svg'
import near from '../assets/example-near.svg'
import sidelight from '../assets/example-sidelight.svg'
import turned from '../assets/example-turned.svg'
import wall from '../assets/example-wall.svg'
import type { Upload } from '../journey/situation'
import { journey, useJourney } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { useBack } from '../platform/back'
import { forget, preview, type Picture } from '../platform/picture'
import { Camera, cameraIsGiven } from '../ui/camera'
import { Box, Heading, Press, Shown, useAlbum, useSystemCamera, Words } from '../ui/kit'
import { Callout } from '../ui/notice'
import { ProgressBar } from '../ui/progress'
import { Screen } from '../ui/screen'

const BAD = { backlight, sidelight, wall, turned, near, covered }
type Bad = keyof typeof BAD

function Examples() {
  const { t } = useSpeech()
  return (
    <Box as="section" className="examples">
      <Box as="figure" className="example-good">
        <Box className="example-picture">
          <Shown source={good} alt={t.photo.goodAlt} className="example-image" />
          <Words className="example-mark" decoration>
            ✓
          </Words>
        </Box>
        <Box as="figcaption" className="example-caption example-caption-good">
          {t.photo.good}
        </Box>
      </Box>
      <Box className="examples-bad" label={t.photo.bad} role="group">
        {(Object.keys(BAD) as Bad[]).map((one) => (
          <Box as="figure" className="example-bad" key={one}>
            <Box className="example-picture">
              <Shown source={BAD[one]} alt="" className="example-image" />
              <Words className="example-mark" decoration>
                ✗
              </Words>
            </Box>
            <Box as="figcaption" className="example-caption example-caption-bad">
              {t.photo.examples[one]}
            </Box>
          </Box>
        ))}
      </Box>
    </Box>
  )
}

function Tips() {
  const { t } = useSpeech()
  return (
    <Box as="section" className="panel">
      <Heading level={2} className="panel-title">
        {t.photo.tipsTitle}
      </Heading>
      <Box as="ol" className="counted">
        {t.photo.tips.map((tip, index) => (
          <Box as="li" className="counted-item" key={index}>
            <Box className="counted-mark" decoration>
              {String(index + 1)}
            </Box>
            <Box className="counted-words">{tip}</Box>
          </Box>
        ))}
      </Box>
    </Box>
  )
}

interface Chosen {
  picture: Picture
  source: string
  from: 'album' | 'camera'
}

function Look({ chosen, onDone, onOther, onCancel }: { chosen: Chosen; onDone: () => void; onOther: () => void; onCancel: () => void }) {
  const { t } = useSpeech()
  const album = chosen.from === 'album'
  useBack(true, onCancel)
  return (
    <Screen
      name="photo"
      title={album ? t.photo.chosen : t.photo.taken}
      intro={t.photo.chosenHelp}
      keys={
        <>
          <Press kind="primary" onPress={onDone} testId={album ? 'photo-done' : 'photo-next'}>
            {album ? t.photo.done : t.photo.next}
          </Press>
          <Box className="keys-pair">
            {album && (
              <Press kind="secondary" onPress={onOther} testId="photo-reselect">
                {t.photo.reselect}
              </Press>
            )}
            <Press kind="secondary" onPress={onCancel} testId="photo-cancel">
              {t.photo.cancel}
            </Press>
          </Box>
        </>
      }
    >
      <Box className="look">
        <Shown source={chosen.source} alt={album ? t.photo.chosen : t.photo.taken} className="look-image" boxed />
      </Box>
    </Screen>
  )
}

/** The photo on its way; also shown where another photo replaces one that was judged before. */
export function PhotoMoving({ upload }: { upload: Upload }) {
  const { t, say } = useSpeech()
  const failed = upload.phase === 'failed'
  return (
    <Screen
      name="photo"
      title={failed ? t.photo.failed : t.photo.title}
      keys={
        failed ? (
          <>
            {upload.again && (
              <Press kind="primary" onPress={() => journey.resend('photo')} testId="photo-resend">
                {t.photo.resend}
              </Press>
            )}
            <Press
              kind={upload.again ? 'secondary' : 'primary'}
              onPress={() => journey.abandon('photo')}
              testId="photo-another"
            >
              {t.photo.another}
            </Press>
          </>
        ) : (
          upload.phase === 'sending' && (
            <Press kind="quiet" onPress={() => journey.abandon('photo')} testId="photo-abandon">
              {t.photo.cancel}
            </Press>
          )
        )
      }
    >
      <Box className="look">
        <Shown source={upload.preview} alt={t.check.yours} className="look-image" boxed />
      </Box>
      <Box live="assertive">
        {failed && upload.text && (
          <Callout tone="bad" testId="photo-failed">
            <Box as="p">{say(upload.text)}</Box>
          </Callout>
        )}
      </Box>
      {!failed && (
        <Box live="polite">
          <ProgressBar
            share={upload.progress}
            words={
              upload.phase === 'judging' ? t.photo.judging : t.photo.sending(Math.floor(upload.progress * 100))
            }
            busy={upload.phase === 'judging'}
          />
        </Box>
      )}
    </Screen>
  )
}

export function PhotoScreen() {
  const { t, say } = useSpeech()
  const { collection } = useJourney()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [camera, setCamera] = useState(false)
  const choose = (from: Chosen['from']) => (picture: Picture) => {
    setCamera(false)
    setChosen({ picture, source: preview(picture), from })
  }
  const album = useAlbum(choose('album'))
  const system = useSystemCamera(choose('camera'))
  useEffect(() => () => (chosen ? forget(chosen.source) : undefined), [chosen])

  const inputs = (
    <>
      {album.element('photo-album-input')}
      {system.element('photo-camera-input')}
    </>
  )
  const takePhoto = () => (cameraIsGiven() ? setCamera(true) : system.open())

  if (chosen) {
    return (
      <>
        <Look
          chosen={chosen}
          onDone={() => journey.upload('photo', chosen.picture)}
          onOther={album.open}
          onCancel={() => {
            setChosen(null)
            if (chosen.from === 'camera' && cameraIsGiven()) setCamera(true)
          }}
        />
        {inputs}
      </>
    )
  }
  const told = collection?.verification ?? null
  const unusable = told?.status === 'photo_unusable' || told?.status === 'not_passed' ? told : null
  return (
    <>
      <Screen
        name="photo"
        title={t.photo.title}
        intro={t.photo.intro}
        dialog={
          camera && (
            <Camera
              frame="person"
              title={t.camera.photoTitle}
              help={t.camera.photoHelp}
              onPicture={choose('camera')}
              onClose={() => setCamera(false)}
            />
          )
        }
        keys={
          <Box className="keys-pair">
            <Press kind="secondary" onPress={album.open} testId="photo-album">
              {t.photo.album}
            </Press>
            <Press kind="primary" onPress={takePhoto} opens testId="photo-camera">
              {t.photo.camera}
            </Press>
          </Box>
        }
      >
        {unusable && (
          <Callout tone="mind" testId="photo-unusable">
            <Box as="p">{say(unusable.message)}</Box>
          </Callout>
        )}
        <Examples />
        <Tips />
      </Screen>
      {inputs}
    </>
  )
}
