import { useSyncExternalStore } from 'react'
import { may, type Deed } from '../office/roles'
import { session } from './session'

/** Who is signed in, if anybody. */
export const useSession = () => useSyncExternalStore(session.subscribe, session.current)

/** Whether the one who is signed in may do something. */
export function useMay(): (deed: Deed) => boolean {
  const role = useSession()?.me.role ?? ''
  return (deed) => may(role, deed)
}
