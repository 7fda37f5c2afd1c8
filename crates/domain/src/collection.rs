//! One candidate's journey in one exam session, as a state machine: the only place that says what may follow what.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Attempts, Discrepancy, discrepancy};

/// A side of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// 人像面
    Portrait,
    /// 国徽面
    Emblem,
}

/// What the office takes back for a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakenBack {
    /// The card, and with it the photo that was compared with it.
    Card,
    /// The photo.
    Photo,
}

/// How a collection was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletedBy {
    /// The identity platform confirmed that photo and person belong together.
    Platform,
    /// A registrar completed it at the desk, without face comparison.
    Desk,
}

/// Where a candidate stands. The names are those of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Screen 4: sides of the card that were accepted so far; both accepted is still this state until 确定.
    Card {
        /// The portrait side was accepted.
        portrait: bool,
        /// The emblem side was accepted.
        emblem: bool,
    },
    /// Screen 5: what was read waits for 确认无误.
    Confirm,
    /// Screen 5a: name or number differs from the registration.
    Blocked,
    /// Screen 5b: ethnicity or address differs.
    Advisory,
    /// Screen 6, or 7 after a photo that was not acceptable.
    Photo,
    /// Screen 7: an acceptable photo is shown.
    Review,
    /// Screen 8: the photo was handed in, the consent to the face comparison is awaited.
    Consent,
    /// Screen 8: the photo looks unlike the card's picture; the candidate decides whether to ask the platform all the same.
    Warned,
    /// Screen 8: the candidate has consented, and the photo waits for a registrar's eye before the platform is asked.
    Inspection,
    /// Screen 8: the platform is being asked.
    Verifying {
        /// The attempt that is under way; its id is the platform's serial number.
        attempt: Uuid,
    },
    /// Screen 9: 身份核验不通过, attempts are left.
    Refused,
    /// Screen 9: 提交成功.
    Completed {
        /// By whom.
        by: CompletedBy,
    },
    /// Screen 10.
    Failed,
}

impl State {
    /// The state's stable name, as the API says it.
    pub fn name(&self) -> &'static str {
        match self {
            State::Card { .. } => "card",
            State::Confirm => "confirm",
            State::Blocked => "blocked",
            State::Advisory => "advisory",
            State::Photo => "photo",
            State::Review => "review",
            State::Consent => "consent",
            State::Warned => "warned",
            State::Inspection => "inspection",
            State::Verifying { .. } => "verifying",
            State::Refused => "refused",
            State::Completed { .. } => "completed",
            State::Failed => "failed",
        }
    }
}

/// Why an event may not happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The event does not belong to this state.
    #[error("this step is not due now")]
    OutOfOrder,
    /// 确定 before both sides were accepted.
    #[error("both sides of the card are needed first")]
    SideMissing,
    /// 确认无误 while a glyph of the name could not be read and was not typed.
    #[error("a character of the name is to be typed first")]
    NameUnread,
    /// The registration still differs in name or number.
    #[error("the registration still differs from the card")]
    StillBlocked,
    /// The answer belongs to another attempt than the one under way: it was counted already, or was never asked.
    #[error("the answer belongs to another attempt")]
    OtherAttempt,
    /// Reopening or completing at the desk needs a reason.
    #[error("a reason is needed")]
    NoReason,
    /// The collection has ended, one way or the other.
    #[error("the collection has ended")]
    Ended,
}

/// The collection: state and attempts. Every event returns the next collection or says why not; nothing is mutated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    #[serde(flatten)]
    state: State,
    attempts: Attempts,
}

impl Collection {
    /// A new collection, at the card.
    pub fn new(attempts_allowed: u8) -> Collection {
        Collection {
            state: State::Card { portrait: false, emblem: false },
            attempts: Attempts::new(attempts_allowed),
        }
    }

    /// Where the candidate stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The count of attempts.
    pub fn attempts(&self) -> Attempts {
        self.attempts
    }

    /// Whether nothing more is expected of the candidate.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Completed { .. } | State::Failed)
    }

    fn to(self, state: State) -> Result<Collection, Refusal> {
        Ok(Collection { state, ..self })
    }

    fn out_of_order(&self) -> Refusal {
        if self.has_ended() { Refusal::Ended } else { Refusal::OutOfOrder }
    }

    /// A side of the card was captured; `accepted` if it was sharp, whole, the right side, and read.
    ///
    /// # Errors
    /// Out of order anywhere but at the card.
    pub fn card_side_captured(self, side: Side, accepted: bool) -> Result<Collection, Refusal> {
        match (self.state, side) {
            (State::Card { emblem, .. }, Side::Portrait) => {
                self.to(State::Card { portrait: accepted, emblem })
            }
            (State::Card { portrait, .. }, Side::Emblem) => {
                self.to(State::Card { portrait, emblem: accepted })
            }
            _ => Err(self.out_of_order()),
        }
    }

    /// 确定: what was read is shown.
    ///
    /// # Errors
    /// [`Refusal::SideMissing`] unless both sides were accepted.
    pub fn card_handed_in(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Card { portrait: true, emblem: true } => self.to(State::Confirm),
            State::Card { .. } => Err(Refusal::SideMissing),
            _ => Err(self.out_of_order()),
        }
    }

    /// 重新录入: both sides anew.
    ///
    /// # Errors
    /// Out of order anywhere but before the photo.
    pub fn card_retaken(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Card { .. } | State::Confirm | State::Advisory => {
                self.to(State::Card { portrait: false, emblem: false })
            }
            _ => Err(self.out_of_order()),
        }
    }

    /// The candidate typed what could not be read of the name: it is shown for confirmation, also where what was typed before did not
    /// agree with the registration.
    ///
    /// # Errors
    /// Out of order anywhere but at the confirmation and at a blocking discrepancy.
    pub fn name_typed(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Confirm | State::Blocked => self.to(State::Confirm),
            _ => Err(self.out_of_order()),
        }
    }

    /// 确认无误: the card was compared with the registration.
    ///
    /// # Errors
    /// Out of order anywhere but at the confirmation.
    pub fn card_confirmed(self, found: &[Discrepancy]) -> Result<Collection, Refusal> {
        match self.state {
            State::Confirm if discrepancy::any_blocking(found) => self.to(State::Blocked),
            State::Confirm if !found.is_empty() => self.to(State::Advisory),
            State::Confirm => self.to(State::Photo),
            _ => Err(self.out_of_order()),
        }
    }

    /// The candidate collects again after the office corrected the registration.
    ///
    /// # Errors
    /// [`Refusal::StillBlocked`] while name or number still differ.
    pub fn collected_again(self, found_now: &[Discrepancy]) -> Result<Collection, Refusal> {
        match self.state {
            State::Blocked if discrepancy::any_blocking(found_now) => Err(Refusal::StillBlocked),
            State::Blocked => self.to(State::Card { portrait: false, emblem: false }),
            _ => Err(self.out_of_order()),
        }
    }

    /// 确定,去采集: the candidate has seen the advisory discrepancy.
    ///
    /// # Errors
    /// Out of order anywhere but at the advisory discrepancy.
    pub fn advisory_seen(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Advisory => self.to(State::Photo),
            _ => Err(self.out_of_order()),
        }
    }

    /// A photo was uploaded and judged.
    ///
    /// # Errors
    /// Out of order before the card is settled, while the platform is asked, and after the end.
    pub fn photo_judged(self, accepted: bool) -> Result<Collection, Refusal> {
        match self.state {
            State::Photo
            | State::Review
            | State::Consent
            | State::Warned
            | State::Inspection
            | State::Refused => self.to(if accepted { State::Review } else { State::Photo }),
            _ => Err(self.out_of_order()),
        }
    }

    /// 重新拍照.
    ///
    /// # Errors
    /// Out of order unless a photo is shown, was handed in, or was refused by the platform.
    pub fn photo_retaken(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Photo
            | State::Review
            | State::Consent
            | State::Warned
            | State::Inspection
            | State::Refused => self.to(State::Photo),
            _ => Err(self.out_of_order()),
        }
    }

    /// 提交照片.
    ///
    /// # Errors
    /// Out of order unless an acceptable photo is shown.
    pub fn photo_submitted(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Review => self.to(State::Consent),
            _ => Err(self.out_of_order()),
        }
    }

    /// 同意并提交: the attempt begins.
    ///
    /// # Errors
    /// Out of order unless the photo was handed in.
    pub fn consented(self, attempt: Uuid) -> Result<Collection, Refusal> {
        match self.state {
            State::Consent => self.to(State::Verifying { attempt }),
            _ => Err(self.out_of_order()),
        }
    }

    /// 同意并提交, but the photo looks unlike the card's picture: no attempt begins until the candidate has decided.
    ///
    /// # Errors
    /// Out of order unless the photo was handed in.
    pub fn warned_that_unlike(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Consent => self.to(State::Warned),
            _ => Err(self.out_of_order()),
        }
    }

    /// 仍然提交: the candidate has seen both pictures and asks the platform all the same; the attempt begins.
    ///
    /// # Errors
    /// Out of order unless the candidate was warned.
    pub fn submitted_all_the_same(self, attempt: Uuid) -> Result<Collection, Refusal> {
        match self.state {
            State::Warned => self.to(State::Verifying { attempt }),
            _ => Err(self.out_of_order()),
        }
    }

    /// The candidate asks for the verification, and a registrar looks at the photo first.
    ///
    /// # Errors
    /// Out of order unless the photo was handed in, warned about or not.
    pub fn held_for_inspection(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Consent | State::Warned => self.to(State::Inspection),
            _ => Err(self.out_of_order()),
        }
    }

    /// A registrar passes the photo: the attempt begins.
    ///
    /// # Errors
    /// Out of order unless the photo waits for it.
    pub fn inspection_passed(self, attempt: Uuid) -> Result<Collection, Refusal> {
        match self.state {
            State::Inspection => self.to(State::Verifying { attempt }),
            _ => Err(self.out_of_order()),
        }
    }

    /// A registrar does not pass the photo: another is needed, no attempt is counted.
    ///
    /// # Errors
    /// Out of order unless the photo waits for it.
    pub fn inspection_refused(self) -> Result<Collection, Refusal> {
        match self.state {
            State::Inspection => self.to(State::Photo),
            _ => Err(self.out_of_order()),
        }
    }

    /// The platform confirms the attempt.
    ///
    /// # Errors
    /// [`Refusal::OtherAttempt`] if it is not the one under way.
    pub fn platform_confirmed(self, attempt: Uuid) -> Result<Collection, Refusal> {
        self.under_way(attempt)?;
        Collection { attempts: self.attempts.anew(), ..self }
            .to(State::Completed { by: CompletedBy::Platform })
    }

    /// The platform says that this photo is not this person, or that name and number do not belong together: the one event
    /// that counts an attempt.
    ///
    /// # Errors
    /// [`Refusal::OtherAttempt`] if it is not the one under way.
    pub fn platform_refused(self, attempt: Uuid) -> Result<Collection, Refusal> {
        self.under_way(attempt)?;
        let attempts = self.attempts.one_more();
        let state = if attempts.left() == 0 { State::Failed } else { State::Refused };
        Ok(Collection { state, attempts })
    }

    /// The platform cannot use the picture: another photo is needed, no attempt is counted.
    ///
    /// # Errors
    /// [`Refusal::OtherAttempt`] if it is not the one under way.
    pub fn platform_cannot_use_photo(self, attempt: Uuid) -> Result<Collection, Refusal> {
        self.under_way(attempt)?;
        self.to(State::Photo)
    }

    /// The platform has nothing to compare this person with, whatever the photo: back to the acceptable photo, which a registrar
    /// can complete at the desk. No attempt is counted.
    ///
    /// # Errors
    /// [`Refusal::OtherAttempt`] if it is not the one under way.
    pub fn platform_cannot_verify(self, attempt: Uuid) -> Result<Collection, Refusal> {
        self.under_way(attempt)?;
        self.to(State::Review)
    }

    fn under_way(&self, attempt: Uuid) -> Result<(), Refusal> {
        match self.state {
            State::Verifying { attempt: current } if current == attempt => Ok(()),
            _ => Err(Refusal::OtherAttempt),
        }
    }

    /// A registrar reopens a failed collection.
    ///
    /// # Errors
    /// [`Refusal::NoReason`] without one; out of order unless it has failed.
    pub fn reopened(self, reason: &str) -> Result<Collection, Refusal> {
        match self.state {
            State::Failed if reason.trim().is_empty() => Err(Refusal::NoReason),
            State::Failed => Collection { attempts: self.attempts.anew(), ..self }.to(State::Photo),
            _ => Err(Refusal::OutOfOrder),
        }
    }

    /// A registrar takes the card or the photo back for a new one, also after completion. The count of attempts stays.
    ///
    /// # Errors
    /// [`Refusal::NoReason`] without a reason; out of order where there is nothing to take back, while the platform is asked, and once
    /// failed, which is reopened instead.
    pub fn taken_back(self, what: TakenBack, reason: &str) -> Result<Collection, Refusal> {
        let next = match (what, self.state) {
            (_, State::Card { .. } | State::Verifying { .. } | State::Failed) => {
                return Err(Refusal::OutOfOrder);
            }
            (TakenBack::Card, _) => State::Card { portrait: false, emblem: false },
            (TakenBack::Photo, State::Confirm | State::Blocked | State::Advisory | State::Photo) => {
                return Err(Refusal::OutOfOrder);
            }
            (TakenBack::Photo, _) => State::Photo,
        };
        if reason.trim().is_empty() {
            return Err(Refusal::NoReason);
        }
        self.to(next)
    }

    /// A registrar completes an acceptable photo at the desk, without face comparison.
    ///
    /// # Errors
    /// [`Refusal::NoReason`] without one; out of order unless an acceptable photo is there.
    pub fn completed_at_desk(self, reason: &str) -> Result<Collection, Refusal> {
        match self.state {
            State::Review | State::Consent | State::Warned | State::Inspection | State::Refused => {
                if reason.trim().is_empty() {
                    return Err(Refusal::NoReason);
                }
                self.to(State::Completed { by: CompletedBy::Desk })
            }
            _ => Err(self.out_of_order()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::Item;

    #[derive(Debug, Clone)]
    enum Event {
        Side(Side, bool),
        HandIn,
        RetakeCard,
        TypeName,
        Confirm(u8),
        Again(u8),
        Seen,
        Photo(bool),
        RetakePhoto,
        Submit,
        Consent(u8),
        Warn,
        AllTheSame(u8),
        Confirmed(u8),
        Refused(u8),
        Unusable(u8),
        CannotVerify(u8),
        Reopen(bool),
        Desk(bool),
        Hold,
        Pass(u8),
        NoPass,
        TakeBack(TakenBack, bool),
    }

    fn event() -> impl Strategy<Value = Event> {
        let side = prop_oneof![Just(Side::Portrait), Just(Side::Emblem)];
        let what = prop_oneof![Just(TakenBack::Card), Just(TakenBack::Photo)];
        prop_oneof![
            3 => (side, any::<bool>()).prop_map(|(s, a)| Event::Side(s, a)),
            3 => Just(Event::HandIn),
            1 => Just(Event::RetakeCard),
            1 => Just(Event::TypeName),
            3 => (0u8..3).prop_map(Event::Confirm),
            1 => (0u8..3).prop_map(Event::Again),
            2 => Just(Event::Seen),
            4 => any::<bool>().prop_map(Event::Photo),
            1 => Just(Event::RetakePhoto),
            4 => Just(Event::Submit),
            4 => (0u8..3).prop_map(Event::Consent),
            2 => Just(Event::Warn),
            2 => (0u8..3).prop_map(Event::AllTheSame),
            1 => (0u8..3).prop_map(Event::Confirmed),
            5 => (0u8..3).prop_map(Event::Refused),
            1 => (0u8..3).prop_map(Event::Unusable),
            1 => (0u8..3).prop_map(Event::CannotVerify),
            1 => any::<bool>().prop_map(Event::Reopen),
            1 => any::<bool>().prop_map(Event::Desk),
            2 => Just(Event::Hold),
            2 => (0u8..3).prop_map(Event::Pass),
            1 => Just(Event::NoPass),
            1 => (what, any::<bool>()).prop_map(|(w, r)| Event::TakeBack(w, r)),
        ]
    }

    fn found(kind: u8) -> Vec<Discrepancy> {
        let one = |item: Item| {
            vec![Discrepancy { item, weight: item.weight(), card: "a".into(), registration: "b".into() }]
        };
        match kind {
            0 => vec![],
            1 => one(Item::Address),
            _ => one(Item::Number),
        }
    }

    fn apply(c: Collection, e: &Event) -> Result<Collection, Refusal> {
        let id = |n: &u8| Uuid::from_u128(u128::from(*n));
        let reason = |given: &bool| if *given { "a reason" } else { " " };
        match e {
            Event::Side(s, a) => c.card_side_captured(*s, *a),
            Event::HandIn => c.card_handed_in(),
            Event::RetakeCard => c.card_retaken(),
            Event::TypeName => c.name_typed(),
            Event::Confirm(k) => c.card_confirmed(&found(*k)),
            Event::Again(k) => c.collected_again(&found(*k)),
            Event::Seen => c.advisory_seen(),
            Event::Photo(a) => c.photo_judged(*a),
            Event::RetakePhoto => c.photo_retaken(),
            Event::Submit => c.photo_submitted(),
            Event::Consent(n) => c.consented(id(n)),
            Event::Warn => c.warned_that_unlike(),
            Event::AllTheSame(n) => c.submitted_all_the_same(id(n)),
            Event::Confirmed(n) => c.platform_confirmed(id(n)),
            Event::Refused(n) => c.platform_refused(id(n)),
            Event::Unusable(n) => c.platform_cannot_use_photo(id(n)),
            Event::CannotVerify(n) => c.platform_cannot_verify(id(n)),
            Event::Reopen(r) => c.reopened(reason(r)),
            Event::Desk(r) => c.completed_at_desk(reason(r)),
            Event::Hold => c.held_for_inspection(),
            Event::Pass(n) => c.inspection_passed(id(n)),
            Event::NoPass => c.inspection_refused(),
            Event::TakeBack(w, r) => c.taken_back(*w, reason(r)),
        }
    }

    /// What the journey of the design allows, written down once more as a plain table.
    fn may_follow(from: &str, to: &str) -> bool {
        let next: &[&str] = match from {
            "card" => &["card", "confirm"],
            "confirm" => &["card", "confirm", "blocked", "advisory", "photo"],
            "blocked" => &["card", "confirm"],
            "advisory" => &["card", "photo"],
            "photo" => &["card", "photo", "review"],
            "review" => &["card", "photo", "review", "consent", "completed"],
            "consent" => &["card", "photo", "review", "warned", "inspection", "verifying", "completed"],
            "warned" => &["card", "photo", "review", "inspection", "verifying", "completed"],
            "inspection" => &["card", "photo", "review", "verifying", "completed"],
            "verifying" => &["completed", "refused", "failed", "photo", "review"],
            "refused" => &["card", "photo", "review", "completed"],
            "completed" => &["card", "photo"],
            "failed" => &["photo"],
            _ => &[],
        };
        next.contains(&to)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn no_order_of_events_reaches_what_the_journey_forbids(
            events in prop::collection::vec(event(), 0..120), allowed in 1u8..8,
        ) {
            let mut c = Collection::new(allowed);
            for e in &events {
                let Ok(next) = apply(c, e) else { continue };
                prop_assert!(may_follow(c.state().name(), next.state().name()), "{:?} -{:?}-> {:?}", c, e, next);
                prop_assert!(next.attempts().refused() <= allowed);
                let counted = matches!(e, Event::Refused(_));
                let begins_anew = matches!(e, Event::Reopen(_) | Event::Confirmed(_));
                let expected = if counted { c.attempts().refused() + 1 } else if begins_anew { 0 } else { c.attempts().refused() };
                prop_assert_eq!(next.attempts().refused(), expected);
                prop_assert_eq!(next.state() == State::Failed, next.attempts().left() == 0);
                let asked = matches!(next.state(), State::Verifying { .. });
                let decided = matches!(e, Event::AllTheSame(_));
                prop_assert!(!(asked && c.state() == State::Warned) || decided, "a warning is never passed over");
                c = next;
            }
        }

        #[test]
        fn an_answer_counts_once(answers in prop::collection::vec(0u8..4, 1..20)) {
            let mut c = at_consent().consented(Uuid::from_u128(0)).unwrap();
            let mut counted = 0;
            for n in answers {
                if let Ok(next) = c.platform_refused(Uuid::from_u128(u128::from(n))) {
                    counted += 1;
                    c = next;
                }
            }
            prop_assert!(counted <= 1);
            prop_assert_eq!(c.attempts().refused(), counted);
        }
    }

    fn at_consent() -> Collection {
        Collection::new(5)
            .card_side_captured(Side::Portrait, true)
            .and_then(|c| c.card_side_captured(Side::Emblem, true))
            .and_then(Collection::card_handed_in)
            .and_then(|c| c.card_confirmed(&[]))
            .and_then(|c| c.photo_judged(true))
            .and_then(Collection::photo_submitted)
            .unwrap()
    }

    #[test]
    fn five_refusals_in_a_row_end_it_and_a_reason_reopens_it() {
        let mut c = at_consent();
        for n in 0..5u128 {
            let id = Uuid::from_u128(n);
            c = c.consented(id).and_then(|c| c.platform_refused(id)).unwrap();
            if n < 4 {
                assert_eq!(c.state(), State::Refused);
                c = c.photo_judged(true).and_then(Collection::photo_submitted).unwrap();
            }
        }
        assert_eq!(c.state(), State::Failed);
        assert_eq!(c.photo_judged(true), Err(Refusal::Ended));
        assert_eq!(c.reopened(""), Err(Refusal::NoReason));
        let again = c.reopened("新的照片在窗口核对过").unwrap();
        assert_eq!((again.state(), again.attempts().left()), (State::Photo, 5));
    }

    #[test]
    fn a_warning_counts_nothing_and_ends_by_the_candidates_choice_alone() {
        let id = Uuid::from_u128(1);
        let warned = at_consent().warned_that_unlike().unwrap();
        assert_eq!((warned.state(), warned.attempts().refused()), (State::Warned, 0));
        assert_eq!(warned.consented(id), Err(Refusal::OutOfOrder));
        assert_eq!(warned.platform_refused(id), Err(Refusal::OtherAttempt));
        assert_eq!(warned.photo_retaken().map(|c| c.state()), Ok(State::Photo));
        assert_eq!(warned.photo_judged(true).map(|c| c.state()), Ok(State::Review));
        let asked = warned.submitted_all_the_same(id).unwrap();
        assert_eq!(asked.state(), State::Verifying { attempt: id });
        assert_eq!(asked.attempts().refused(), 0);
        assert_eq!(at_consent().submitted_all_the_same(id), Err(Refusal::OutOfOrder));
    }

    #[test]
    fn what_waits_for_a_registrars_eye_goes_on_or_back_and_counts_nothing() {
        let id = Uuid::from_u128(1);
        for held in [at_consent(), at_consent().warned_that_unlike().unwrap()] {
            let waits = held.held_for_inspection().unwrap();
            assert_eq!(waits.state(), State::Inspection);
            assert_eq!(waits.consented(id), Err(Refusal::OutOfOrder), "no way round");
            assert_eq!(waits.submitted_all_the_same(id), Err(Refusal::OutOfOrder));
            assert_eq!(waits.inspection_passed(id).unwrap().state(), State::Verifying { attempt: id });
            let refused = waits.inspection_refused().unwrap();
            assert_eq!((refused.state(), refused.attempts().refused()), (State::Photo, 0));
            assert_eq!(waits.photo_retaken().unwrap().state(), State::Photo, "the candidate may change it");
        }
        assert_eq!(at_consent().inspection_passed(id), Err(Refusal::OutOfOrder));
    }

    #[test]
    fn card_or_photo_is_taken_back_with_a_reason_also_after_completion() {
        let done = at_consent().completed_at_desk("出示了身份证").unwrap();
        assert_eq!(done.taken_back(TakenBack::Photo, " "), Err(Refusal::NoReason));
        assert_eq!(done.taken_back(TakenBack::Photo, "照片是别人的").unwrap().state(), State::Photo);
        let card = done.taken_back(TakenBack::Card, "身份证看不清").unwrap();
        assert_eq!(card.state(), State::Card { portrait: false, emblem: false });
        assert_eq!(
            card.taken_back(TakenBack::Card, "再来"),
            Err(Refusal::OutOfOrder),
            "nothing to take back"
        );
        let asked = at_consent().consented(Uuid::from_u128(1)).unwrap();
        assert_eq!(asked.taken_back(TakenBack::Card, "等一等"), Err(Refusal::OutOfOrder));
    }

    #[test]
    fn a_picture_the_platform_cannot_use_is_not_an_attempt() {
        let id = Uuid::from_u128(1);
        let c = at_consent().consented(id).and_then(|c| c.platform_cannot_use_photo(id)).unwrap();
        assert_eq!((c.state(), c.attempts().refused()), (State::Photo, 0));
    }

    #[test]
    fn the_stored_form_is_stable() {
        let c = at_consent().consented(Uuid::from_u128(7)).unwrap();
        let json = serde_json::to_string(&c).unwrap();
        assert_eq!(
            json,
            r#"{"state":"verifying","attempt":"00000000-0000-0000-0000-000000000007","attempts":{"allowed":5,"refused":0}}"#
        );
        assert_eq!(serde_json::from_str::<Collection>(&json).unwrap(), c);
    }
}
