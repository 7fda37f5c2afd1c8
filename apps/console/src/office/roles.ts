// Who may do what: the same table as crates/domain/src/office.rs, which a test holds it against. It only says what is shown; the server
// decides.

export const ROLES = ['viewer', 'registrar', 'supervisor', 'administrator'] as const
export type Role = (typeof ROLES)[number]

/** The least role that allows a deed. */
export const DEEDS = {
  sign_in: 'viewer',
  sign_out: 'viewer',
  change_password: 'viewer',
  see_exams: 'viewer',
  see_candidates: 'viewer',
  see_numbers: 'viewer',
  unmask: 'registrar',
  see_picture: 'registrar',
  correct_registration: 'registrar',
  reopen: 'registrar',
  complete_at_desk: 'registrar',
  take_back: 'registrar',
  redeliver: 'registrar',
  review_photo: 'registrar',
  capture_at_desk: 'registrar',
  import_roster: 'registrar',
  export_roster: 'registrar',
  export_photos: 'registrar',
  see_audit: 'registrar',
  verify_audit: 'registrar',
  set_exam: 'supervisor',
  copy_candidate: 'supervisor',
  delete_candidate: 'supervisor',
  sweep: 'administrator',
  see_staff: 'administrator',
  add_staff: 'administrator',
  change_staff: 'administrator',
  reset_staff: 'administrator',
} as const satisfies Record<string, Role>
export type Deed = keyof typeof DEEDS

/** Whether a role allows a deed; a role that is not known allows nothing. */
export function may(role: string, deed: Deed): boolean {
  const rank = ROLES.indexOf(role as Role)
  return rank >= 0 && rank >= ROLES.indexOf(DEEDS[deed])
}
