//! How an exam session goes, in numbers: for the board on the wall. Counts, rates and times, nothing of a person.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{CheckId, Deed, Text};
use jiff::{Timestamp, ToSpan as _, Zoned};
use serde::Serialize;
use store::{Answers, Messages, Reached, Span, StoreError, Waiting};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::Officer;
use crate::{
    Service, Trouble,
    clock::{HOURS_AHEAD, local},
    completion,
    login::later,
    view::TextSchema,
};

/// What was counted holds at least so long, for whoever looks at the same;
const HOLDS: Duration = Duration::from_secs(15);
/// and so many times as long as it took to count: boards never take more than a tenth of the time.
const HOLDS_TIMES: u32 = 10;
/// Spans that are kept: more boards than any office has.
const KEPT: usize = 32;
/// Counted at once: the journey comes first.
static COUNTING: Semaphore = Semaphore::const_new(1);

/// Hours of which the load is told, the last ones of the span.
const LOAD_HOURS: i64 = 48;
/// Days of which completions are told, the last ones of the span.
const DAYS: i64 = 92;
/// Whole days that the forecast goes by, at most.
const FORECAST_DAYS: i64 = 7;
/// Of those, how many of the slowest and the fastest the range goes by.
const EXTREMES: usize = 3;

/// How an exam session goes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Numbers {
    /// When it was counted; it is counted anew after 15 seconds at the earliest.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Registrations of the built-in roster; 0 where the registration system keeps them.
    pub registrations: u64,
    /// How many collections are in which state now, whatever the span.
    pub states: BTreeMap<String, u64>,
    /// How many collections got how far within the span.
    pub steps: Steps,
    /// How many of the first tries went well.
    pub first_tries: FirstTriesOf,
    /// What captures were refused for, the most frequent first; a capture with two faults counts for both.
    pub refusals: Vec<Refusal>,
    /// What the identity platform answered.
    pub answers: Vec<Answer>,
    /// Attempts that wait for the platform now.
    pub attempts_waiting: Queue,
    /// Results that wait for the registration system now.
    pub deliveries_waiting: Queue,
    /// Messages of all exam sessions.
    pub messages: MessageCounts,
    /// What happened in each hour, of the last 48 of the span at most; hours without anything are left out.
    pub hours: Vec<Hour>,
    /// Completions of each day in China, of the last 92 days of the span at most; days without any are left out.
    pub days: Vec<Day>,
    /// When it will be done; missing before the first whole day, and where the registrations are kept elsewhere.
    pub forecast: Option<Forecast>,
}

/// How many collections got how far, each counted when it got there for the first time, also if it was taken back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Steps {
    /// Logged in.
    pub logged_in: u64,
    /// Both sides of the card were accepted and handed in.
    pub card: u64,
    /// The card was confirmed, and agrees with the registration in name and number.
    pub confirmed: u64,
    /// A photo was acceptable.
    pub photo: u64,
    /// Consented to the face comparison.
    pub consented: u64,
    /// The identity platform confirmed.
    pub verified: u64,
    /// Completed.
    pub completed: u64,
    /// Of those, completed at the desk.
    pub at_desk: u64,
}

/// First tries that were made within the span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct FirstTriesOf {
    /// The card's portrait side.
    pub card_portrait: Rate,
    /// The card's emblem side.
    pub card_emblem: Rate,
    /// The photo.
    pub photo: Rate,
    /// The identity platform: answered, and confirmed.
    pub platform: Rate,
}

/// How many tried, and how many of them went well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rate {
    /// Collections that tried.
    pub tried: u64,
    /// Those whose first try went well.
    pub well: u64,
}

impl From<Reached> for Rate {
    fn from(Reached { count, well }: Reached) -> Rate {
        Rate { tried: count, well }
    }
}

/// A check that captures were refused for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// Of what: `card_portrait`, `card_emblem` or `photo`.
    pub capture: String,
    /// The check's id.
    pub check: String,
    /// Its title.
    #[schema(value_type = TextSchema)]
    pub title: Text,
    /// How often.
    pub count: u64,
}

/// Answers of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Answer {
    /// `confirmed`, `refused` or `unusable`.
    pub outcome: String,
    /// The platform's code, if it told one.
    pub code: Option<String>,
    /// How many.
    pub count: u64,
    /// Milliseconds from the first asking to the answer, of the one in the middle: to 10 below a second, to 100 below ten.
    pub median_ms: u64,
    /// The same of the one that 95 in 100 are not slower than.
    pub p95_ms: u64,
}

/// Work that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Queue {
    /// How much.
    pub count: u64,
    /// Since when the oldest does.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
}

impl From<Waiting> for Queue {
    fn from(Waiting { count, since }: Waiting) -> Queue {
        Queue { count, since }
    }
}

/// Messages that were made within the span and are kept still (30 days as shipped).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct MessageCounts {
    /// Sent.
    pub sent: u64,
    /// Waiting to be sent.
    pub waiting: u64,
    /// Given up, by the reason's code. `expired`: among them are those to phones that no registration holds, which are never sent.
    pub dropped: BTreeMap<String, u64>,
}

/// What happened in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hour {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Logins.
    pub logins: u64,
    /// Sides of cards that were captured.
    pub cards: u64,
    /// Photos that were judged.
    pub photos: u64,
    /// Completions.
    pub completed: u64,
}

/// Completions of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Day {
    /// The day, in China.
    pub day: String,
    /// How many.
    pub completed: u64,
}

/// When everybody will have completed, if it goes on as it did. Nothing more is known than how many completed on each of the last whole days:
/// `likely` goes by their mean, `slow` and `fast` by the mean of their three slowest and three fastest.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Forecast {
    /// Registrations without a completed collection.
    pub left: u64,
    /// Whole days that it goes by, the last ones before today: seven at most.
    pub days: u8,
    /// Completions a day.
    pub per_day: Range<f64>,
    /// The day on which the last one completes; missing where nothing completes at that pace, or it would take more than ten years.
    pub done: Range<Option<String>>,
    /// The deadline, if there is one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deadline: Option<Timestamp>,
    /// How many will be without a completed collection at the deadline.
    pub left_at_deadline: Option<Range<u64>>,
}

/// Three answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Range<T> {
    /// If it goes on as on the slowest days.
    pub slow: T,
    /// If it goes on as on the mean of the days.
    pub likely: T,
    /// If it goes on as on the fastest days.
    pub fast: T,
}

impl<T> Range<T> {
    fn map<U>(&self, f: impl Fn(&T) -> U) -> Range<U> {
        Range { slow: f(&self.slow), likely: f(&self.likely), fast: f(&self.fast) }
    }
}

/// What was counted last, by what was asked for.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Vec<(Span, Slot)>>);

/// Whoever asks while it is counted waits for that.
type Slot = Arc<tokio::sync::Mutex<Option<(Timestamp, Arc<Numbers>)>>>;

impl Cache {
    fn slot(&self, span: &Span) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = slots.iter().find(|(kept, _)| kept == span) {
            return Arc::clone(slot);
        }
        if slots.len() == KEPT {
            slots.remove(0);
        }
        let slot = Slot::default();
        slots.push((span.clone(), Arc::clone(&slot)));
        slot
    }
}

impl Service {
    /// How an exam session goes, within a span of time or from its beginning.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`]; [`Trouble::MalformedRequest`] for a span that ends before it begins.
    pub async fn numbers(
        &self,
        officer: &Officer,
        exam: &str,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Arc<Numbers>, Trouble> {
        officer.may(Deed::SeeNumbers)?;
        let deadline = self.store.exam_session(exam).await?.ok_or(Trouble::NotFound)?.closes_at;
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(Trouble::MalformedRequest);
        }
        let span = Span { exam_session: exam.to_owned(), from, until };
        let slot = self.numbers.slot(&span);
        let mut held = slot.lock().await;
        let now = self.clock.now();
        if let Some((until, numbers)) = &*held
            && now < *until
        {
            return Ok(Arc::clone(numbers));
        }
        let _turn = COUNTING.acquire().await.map_err(|_| Trouble::Internal)?;
        let begun = Instant::now();
        let numbers = Arc::new(self.count(&span, deadline, now).await?);
        let took = begun.elapsed();
        metrics::histogram!(crate::meters::NUMBERS_SECONDS).record(took.as_secs_f64());
        *held = Some((later(now, HOLDS.max(took * HOLDS_TIMES)), Arc::clone(&numbers)));
        Ok(numbers)
    }

    async fn count(
        &self,
        span: &Span,
        deadline: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Numbers, StoreError> {
        let store = &self.store;
        let registrations = store.count_registrations(&span.exam_session).await?;
        let states = store.collections_by_state(&span.exam_session).await?;
        let reached = store.reached(span).await?;
        let reached = |name: &str| reached.get(name).copied().unwrap_or_default();
        let step = |name| reached(name).count;
        let completed = states.get("completed").copied().unwrap_or_default();
        Ok(Numbers {
            at: now,
            steps: Steps {
                logged_in: step("begun"),
                card: step("card"),
                confirmed: step("confirmed"),
                photo: step("photo"),
                consented: step("consented"),
                verified: step("verified"),
                completed: step("completed"),
                at_desk: step("at_desk"),
            },
            first_tries: FirstTriesOf {
                card_portrait: reached("first_card_portrait").into(),
                card_emblem: reached("first_card_emblem").into(),
                photo: reached("first_photo").into(),
                platform: reached("first_answer").into(),
            },
            refusals: refusals(store.refusals(span).await?),
            answers: store.answers(span).await?.iter().map(Answer::of).collect(),
            attempts_waiting: store.attempts_waiting(span).await?.into(),
            deliveries_waiting: store.deliveries_waiting(span).await?.into(),
            messages: messages(&store.messages_by_status(span).await?),
            hours: self.hours(span, now).await?,
            days: self.days(&last(span, now, DAYS * 24)).await?,
            forecast: match registrations {
                0 => None,
                all => {
                    self.forecast(&span.exam_session, all.saturating_sub(completed), deadline, now).await?
                }
            },
            registrations,
            states,
        })
    }

    async fn hours(&self, span: &Span, now: Timestamp) -> Result<Vec<Hour>, StoreError> {
        let events = [LOGIN, CARD_PORTRAIT, CARD_EMBLEM, PHOTO, completion::EVENT];
        let span = last(span, now, LOAD_HOURS);
        let mut hours: BTreeMap<i64, Hour> = BTreeMap::new();
        for (event, hour, count) in self.store.events_by_hour(&span, &events).await? {
            let at = Timestamp::from_second(hour * 3600).unwrap_or_default();
            let of = hours.entry(hour).or_insert(Hour { at, logins: 0, cards: 0, photos: 0, completed: 0 });
            *match event.as_str() {
                LOGIN => &mut of.logins,
                PHOTO => &mut of.photos,
                completion::EVENT => &mut of.completed,
                _ => &mut of.cards,
            } += count;
        }
        Ok(hours.into_values().collect())
    }

    async fn days(&self, span: &Span) -> Result<Vec<Day>, StoreError> {
        let days = self.store.completed_by_day(span, HOURS_AHEAD).await?;
        let told = |day: i64| {
            let midnight = Timestamp::from_second(day * 86_400).unwrap_or_default();
            midnight.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
        };
        Ok(days.into_iter().map(|(day, completed)| Day { day: told(day), completed }).collect())
    }

    async fn forecast(
        &self,
        exam: &str,
        left: u64,
        deadline: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Forecast>, StoreError> {
        let Some(begun) = self.store.collecting_since(exam).await? else { return Ok(None) };
        let midnight = |at: Timestamp| local(at).start_of_day().ok();
        let (Some(today), Some(first)) = (midnight(now), midnight(begun)) else { return Ok(None) };
        let whole_days = today.timestamp().duration_since(first.timestamp()).as_hours() / 24;
        let days = whole_days.clamp(0, FORECAST_DAYS);
        let from = today.checked_sub(days.days()).map_or(first, |from| from);
        let span = Span {
            exam_session: exam.to_owned(),
            from: Some(from.timestamp()),
            until: Some(today.timestamp()),
        };
        let mut completed: Vec<u64> = self.days(&span).await?.into_iter().map(|day| day.completed).collect();
        completed.resize(usize::try_from(days).unwrap_or_default(), 0);
        Ok(forecast(left, &completed, deadline, &local(now)))
    }
}

const LOGIN: &str = "logged_in";
const CARD_PORTRAIT: &str = "card_portrait_captured";
const CARD_EMBLEM: &str = "card_emblem_captured";
const PHOTO: &str = "photo_judged";

/// The last hours of a span.
fn last(span: &Span, now: Timestamp, hours: i64) -> Span {
    let until = span.until.map_or(now, |until| until.min(now));
    let earliest = until.saturating_sub(hours.hours()).unwrap_or(Timestamp::MIN);
    Span { from: Some(span.from.map_or(earliest, |from| from.max(earliest))), ..span.clone() }
}

/// With their titles, the most frequent first.
fn refusals(refused: Vec<(String, String, u64)>) -> Vec<Refusal> {
    let of = |(capture, id, count): (String, String, u64)| {
        // One that a later version noted is told by its id.
        let title = id.parse::<CheckId>().map_or_else(|_| Text::new(&id, &id), CheckId::title);
        Refusal { capture, check: id, title, count }
    };
    let mut refusals: Vec<Refusal> = refused.into_iter().map(of).collect();
    refusals.sort_by(|a, b| (b.count, &a.capture, &a.check).cmp(&(a.count, &b.capture, &b.check)));
    refusals
}

impl Answer {
    fn of(answers: &Answers) -> Answer {
        Answer {
            outcome: answers.outcome.clone(),
            code: answers.code.clone(),
            count: answers.took.values().sum(),
            median_ms: not_slower_than(&answers.took, 50),
            p95_ms: not_slower_than(&answers.took, 95),
        }
    }
}

/// The time that so many in a hundred did not take longer than, of times and how many took each.
fn not_slower_than(took: &BTreeMap<u64, u64>, percent: u64) -> u64 {
    let wanted = (took.values().sum::<u64>() * percent).div_ceil(100);
    let mut seen = 0;
    let reached = took.iter().find(|(_, count)| {
        seen += **count;
        seen >= wanted
    });
    reached.map_or(0, |(time, _)| *time)
}

fn messages(rows: &[Messages]) -> MessageCounts {
    let mut counts = MessageCounts::default();
    for row in rows {
        match row.status.as_str() {
            "sent" => counts.sent += row.count,
            "dropped" => {
                *counts.dropped.entry(row.code.clone().unwrap_or_default()).or_default() += row.count;
            }
            _ => counts.waiting += row.count,
        }
    }
    counts
}

/// Longest that is looked ahead, in days.
const FARTHEST: f64 = 3_650.0;

/// When it will be done, from how many completed on each of the last whole days.
fn forecast(left: u64, completed: &[u64], deadline: Option<Timestamp>, now: &Zoned) -> Option<Forecast> {
    let mut sorted = completed.to_vec();
    sorted.sort_unstable();
    let extremes = EXTREMES.min(sorted.len());
    let mean = |days: &[u64]| days.iter().sum::<u64>() as f64 / days.len() as f64;
    if sorted.is_empty() {
        return None;
    }
    let per_day = Range {
        slow: mean(&sorted[..extremes]),
        likely: mean(&sorted),
        fast: mean(&sorted[sorted.len() - extremes..]),
    };
    let done = per_day.map(|per_day| {
        let days = if left == 0 { 0.0 } else { left as f64 / per_day };
        let days = (days <= FARTHEST).then_some(days.ceil() as i64)?;
        now.date().checked_add(days.days()).ok().map(|day| day.to_string())
    });
    let left_at_deadline = deadline.map(|deadline| {
        let days = deadline.duration_since(now.timestamp()).as_secs_f64().max(0.0) / 86_400.0;
        per_day.map(|per_day| (left as f64 - per_day * days).max(0.0).ceil() as u64)
    });
    Some(Forecast {
        left,
        days: u8::try_from(completed.len()).unwrap_or(u8::MAX),
        per_day,
        done,
        deadline,
        left_at_deadline,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn noon() -> Zoned {
        local("2026-11-23T04:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_forecast_goes_by_the_last_days_and_tells_its_range() {
        let deadline: Timestamp = "2026-11-28T04:00:00Z".parse().unwrap();
        let told = forecast(1_000, &[0, 50, 100, 100, 100, 150, 200], Some(deadline), &noon()).unwrap();
        assert_eq!(told.per_day, Range { slow: 50.0, likely: 100.0, fast: 150.0 });
        let day = |day: &str| Some(day.to_owned());
        assert_eq!(
            told.done,
            Range { slow: day("2026-12-13"), likely: day("2026-12-03"), fast: day("2026-11-30") }
        );
        assert_eq!(told.left_at_deadline, Some(Range { slow: 750, likely: 500, fast: 250 }));
        assert_eq!(told.days, 7);
    }

    #[test]
    fn nothing_is_foretold_from_nothing() {
        assert_eq!(forecast(10, &[], None, &noon()), None);
        let still = forecast(10, &[0, 0], None, &noon()).unwrap();
        assert_eq!((still.done.likely, still.left_at_deadline), (None, None));
        let done = forecast(0, &[0, 0], None, &noon()).unwrap();
        assert_eq!(done.done.slow.unwrap(), "2026-11-23", "there is nothing left to do");
        let passed: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let late = forecast(10, &[5], Some(passed), &noon()).unwrap();
        assert_eq!(late.left_at_deadline.unwrap().fast, 10);
    }

    #[test]
    fn the_middle_and_the_slow_end_are_told() {
        let took: BTreeMap<u64, u64> = [(100, 50), (200, 45), (900, 4), (9_000, 1)].into();
        assert_eq!((not_slower_than(&took, 50), not_slower_than(&took, 95)), (100, 200));
        assert_eq!(not_slower_than(&took, 100), 9_000);
        assert_eq!(not_slower_than(&BTreeMap::new(), 50), 0);
    }

    #[test]
    fn the_most_frequent_refusal_comes_first_with_its_title() {
        let row = |capture: &str, id: &str, count| (capture.to_owned(), id.to_owned(), count);
        let told = refusals(vec![
            row("card_emblem", "card_sharp", 4),
            row("photo", "head_pose", 5),
            row("photo", "later", 4),
        ]);
        let told: Vec<(&str, &str)> = told.iter().map(|r| (r.check.as_str(), r.title.en.as_str())).collect();
        assert_eq!(
            told,
            [
                ("head_pose", &*CheckId::HeadPose.title().en),
                ("card_sharp", &*CheckId::CardSharp.title().en),
                ("later", "later")
            ]
        );
    }
}
