// The rear camera inside the mini-program.
import { Camera as WeChatCamera, View } from '@tarojs/components'
import Taro from '@tarojs/taro'
import { useState } from 'react'
import { useSpeech } from '../i18n/language'
import { CameraFrame } from './camera-frame'
import type { CameraProps } from './camera-shape'
import { Dialog } from './dialog'
import { Box, Heading, Press, useSystemCamera } from './kit'

/** WeChat always offers its camera; whether the candidate allows it is seen when it opens. */
export const cameraIsGiven = (): boolean => true

export function Camera({ frame, title, help, onPicture, onClose }: CameraProps) {
  const { t } = useSpeech()
  const [refused, setRefused] = useState(false)
  const [failed, setFailed] = useState(false)
  const system = useSystemCamera(onPicture)
  const shoot = () =>
    Taro.createCameraContext().takePhoto({
      quality: 'original',
      success: (taken) => onPicture(taken.tempImagePath),
      fail: () => setFailed(true),
    })
  return (
    <Dialog kind="full" labelledBy="camera-title" onClose={onClose}>
      <Box className="camera">
        <Box className="camera-head">
          <Heading level={2} className="camera-title">
            {title}
          </Heading>
          <Box className="camera-help">{help}</Box>
        </Box>
        <Box className="camera-view">
          {!refused && (
            <WeChatCamera
              className="camera-video"
              devicePosition="back"
              flash="off"
              resolution="high"
              onError={() => setRefused(true)}
            />
          )}
          {!refused && <CameraFrame frame={frame} />}
          {refused && (
            <View className="camera-note">
              <Box>{t.camera.refused}</Box>
              <Press kind="primary" onPress={system.open}>
                {t.camera.system}
              </Press>
            </View>
          )}
        </Box>
        <Box className="camera-failed" live="assertive">
          {failed ? t.camera.failed : ''}
        </Box>
        <Box className="camera-keys">
          <Press kind="bare" className="camera-close" onPress={onClose}>
            {t.camera.close}
          </Press>
          <Press kind="bare" className="camera-shoot" label={t.camera.shoot} onPress={shoot} disabled={refused}>
            <Box className="camera-shoot-mark" decoration />
          </Press>
          <Box className="camera-balance" decoration />
        </Box>
      </Box>
    </Dialog>
  )
}
