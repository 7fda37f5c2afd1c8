// The one journey that this page holds, for screens to draw from and act on.
import { useSyncExternalStore } from 'react'
import { Journey } from './journey'

export const journey = new Journey()

export function useJourney() {
  return useSyncExternalStore(journey.subscribe, journey.current, journey.current)
}
