// The building blocks in the mini-program: Taro's components.
import { Button, Checkbox, CheckboxGroup, Image, Input, Text, View } from '@tarojs/components'
import Taro from '@tarojs/taro'
import type { Picture } from '../platform/picture'
import type {
  Album,
  BoxProps,
  HeadingProps,
  PhoneLinkProps,
  PressProps,
  ShownProps,
  TextFieldProps,
  TickProps,
  WordsProps,
} from './shapes'

export function Box({ children, className, id, role, label, width, frame, live }: BoxProps) {
  return (
    <View
      className={className}
      id={id}
      ariaRole={role ?? (live === undefined ? undefined : 'status')}
      ariaLabel={label}
      style={frame ?? (width === undefined ? undefined : { width })}
    >
      {children}
    </View>
  )
}

export function Words({ children, className }: WordsProps) {
  return <Text className={className}>{children}</Text>
}

export function Heading({ children, level, className, id }: HeadingProps) {
  return (
    <View className={`heading heading-${level} ${className ?? ''}`} id={id} ariaRole="heading">
      {children}
    </View>
  )
}

export function Press(props: PressProps) {
  const { children, onPress, kind = 'secondary', className = '', disabled, busy, id, label } = props
  return (
    <Button
      id={id}
      className={`press press-${kind} ${busy ? 'press-busy' : ''} ${disabled ? 'press-off' : ''} ${className}`}
      hoverClass="press-down"
      onClick={() => {
        if (!busy) onPress()
      }}
      disabled={disabled}
      ariaLabel={label}
    >
      {children}
    </Button>
  )
}

export function TextField(props: TextFieldProps) {
  const { id, label, hint, value, onInput, onEnter, kind, maxLength, error, beside } = props
  return (
    <View className="field">
      <View className="field-label">{label}</View>
      <View className="field-row">
        <Input
          className={`field-input ${error === null ? '' : 'field-input-wrong'}`}
          id={id}
          type={kind === 'han' ? 'text' : 'number'}
          placeholder={hint}
          maxlength={maxLength}
          value={value}
          ariaLabel={label}
          onInput={(event) => onInput(event.detail.value)}
          onConfirm={onEnter}
        />
        {beside}
      </View>
      {error !== null && <View className="field-error">{error}</View>}
    </View>
  )
}

export function Tick({ id, checked, onChange, children, error }: TickProps) {
  return (
    <View className="field">
      <CheckboxGroup className="tick" id={id} onChange={(event) => onChange(event.detail.value.length > 0)}>
        <Checkbox className="tick-box" value="agreed" checked={checked} />
        <View className="tick-words" onClick={() => onChange(!checked)}>
          {children}
        </View>
      </CheckboxGroup>
      {error !== null && <View className="field-error">{error}</View>}
    </View>
  )
}

export function Shown({ source, alt, className, boxed }: ShownProps) {
  return <Image className={className} src={source} mode={boxed ? 'aspectFit' : 'widthFix'} ariaLabel={alt} />
}

export function PhoneLink({ number, children, className = '' }: PhoneLinkProps) {
  return (
    <View
      className={className}
      ariaRole="link"
      onClick={() => void Taro.makePhoneCall({ phoneNumber: number }).catch(() => undefined)}
    >
      {children}
    </View>
  )
}

function useChosen(onPicture: (picture: Picture) => void, from: 'album' | 'camera'): Album {
  return {
    element: () => null,
    open: () => {
      Taro.chooseMedia({ count: 1, mediaType: ['image'], sourceType: [from], sizeType: ['original'], camera: 'back' })
        .then((chosen) => {
          const file = chosen.tempFiles[0]
          if (file) onPicture(file.tempFilePath)
        })
        .catch(() => undefined)
    },
  }
}

export const useAlbum = (onPicture: (picture: Picture) => void) => useChosen(onPicture, 'album')
export const useSystemCamera = (onPicture: (picture: Picture) => void) => useChosen(onPicture, 'camera')
