// A dialog in the mini-program.
import { View } from '@tarojs/components'
import type { DialogProps } from './dialog-shape'

export function Dialog({ children, kind, onClose }: DialogProps) {
  return (
    <View className="over" catchMove={kind !== 'notice'}>
      <View className={`veil veil-${kind}`} onClick={() => onClose?.()} />
      <View className={`dialog dialog-${kind}`} ariaRole="dialog">
        {children}
      </View>
    </View>
  )
}
