// The rear camera inside the page, where the browser gives one; the phone's own camera where not.
import { useEffect, useRef, useState } from 'react'
import { useSpeech } from '../i18n/language'
import { jpegOf } from '../platform/picture'
import { CameraFrame } from './camera-frame'
import type { CameraProps } from './camera-shape'
import { Dialog } from './dialog'
import { Box, Heading, Press, useSystemCamera } from './kit'

/** Whether a page may ask for the camera at all: browsers offer it only on safe connections. */
export const cameraIsGiven = (): boolean => typeof navigator !== 'undefined' && !!navigator.mediaDevices?.getUserMedia

const WANTED: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 2560 }, height: { ideal: 1440 } },
}

const QUALITY = 0.95

/** What the candidate saw of the camera's picture: the view crops it to its own shape. */
async function seen(video: HTMLVideoElement): Promise<Blob | null> {
  const scale = Math.min(video.videoWidth / video.clientWidth, video.videoHeight / video.clientHeight)
  const width = Math.round(video.clientWidth * scale)
  const height = Math.round(video.clientHeight * scale)
  if (!width || !height) return null
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const left = (video.videoWidth - width) / 2
  const top = (video.videoHeight - height) / 2
  canvas.getContext('2d')?.drawImage(video, left, top, width, height, 0, 0, width, height)
  return jpegOf(canvas, QUALITY)
}

type Phase = 'starting' | 'ready' | 'refused'

export function Camera({ frame, title, help, onPicture, onClose }: CameraProps) {
  const { t } = useSpeech()
  const video = useRef<HTMLVideoElement>(null)
  const [phase, setPhase] = useState<Phase>('starting')
  const [failed, setFailed] = useState(false)
  const system = useSystemCamera(onPicture)

  useEffect(() => {
    let stream: MediaStream | null = null
    let wanted = true
    const stop = () => stream?.getTracks().forEach((track) => track.stop())
    const begin = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia(WANTED)
        if (!wanted || !video.current) return stop()
        video.current.srcObject = stream
        await video.current.play()
        if (wanted) setPhase('ready')
      } catch {
        if (wanted) setPhase('refused')
      }
    }
    void begin()
    return () => {
      wanted = false
      stop()
    }
  }, [])

  const shoot = async () => {
    const picture = video.current && (await seen(video.current))
    if (picture) onPicture(picture)
    else setFailed(true)
  }

  return (
    <Dialog kind="full" labelledBy="camera-title" onClose={onClose} testId="camera">
      <Box className="camera">
        <Box className="camera-head">
          <Heading level={2} className="camera-title" id="camera-title">
            {title}
          </Heading>
          <Box as="p" className="camera-help">
            {help}
          </Box>
        </Box>
        <Box className="camera-view">
          <video ref={video} className="camera-video" playsInline muted autoPlay />
          {phase === 'ready' && <CameraFrame frame={frame} />}
          {phase === 'starting' && (
            <Box as="p" className="camera-note" live="polite">
              {t.camera.starting}
            </Box>
          )}
          {phase === 'refused' && (
            <Box className="camera-note" role="alert">
              <Box as="p">{t.camera.refused}</Box>
              <Press kind="primary" onPress={system.open} testId="camera-system">
                {t.camera.system}
              </Press>
            </Box>
          )}
          {system.element('camera-system-input')}
        </Box>
        <Box as="p" className="camera-failed" live="assertive">
          {failed ? t.camera.failed : ''}
        </Box>
        <Box className="camera-keys">
          <Press kind="bare" className="camera-close" onPress={onClose} testId="camera-close">
            {t.camera.close}
          </Press>
          <Press
            kind="bare"
            className="camera-shoot"
            label={t.camera.shoot}
            onPress={() => void shoot()}
            disabled={phase !== 'ready'}
            testId="camera-shoot"
          >
            <Box className="camera-shoot-mark" decoration />
          </Press>
          <Box className="camera-balance" decoration />
        </Box>
      </Box>
    </Dialog>
  )
}
