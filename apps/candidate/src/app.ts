// The app around the one page.
import type { PropsWithChildren } from 'react'
import './app.css'
import './platform/look'
import { takeOverBack } from './platform/back'
import { takeTicket } from './platform/desk'

takeOverBack()
takeTicket()

export default function App({ children }: PropsWithChildren) {
  return children
}
