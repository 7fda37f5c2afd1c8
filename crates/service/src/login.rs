//! Login: a code goes to the phone that the candidate registered with; who knows it is let in.

use std::{net::IpAddr, time::Duration};

use domain::{PhoneNumber, Registration, Text};
use jiff::Timestamp;
use partners::registration::RegistrationError;
use rand::TryRngCore;
use store::{
    CodeAnswer, CollectionRecord, ConsentKind, Entry, ExamSession, NewMessage, SessionToken, StoreError,
};
use tracing::Instrument as _;

use crate::{Service, Trouble, entry::CODE_DIGITS, meters, step::CANDIDATE, trouble::phone_unknown, view};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long a login at the desk lasts.
const AT_DESK: Duration = Duration::from_secs(30 * 60);
/// After which time a registration system that gave no answer is worth asking again.
const ASK_AGAIN_S: u64 = 10;

/// A login as sent.
pub struct LogIn {
    /// As typed.
    pub phone: String,
    /// Six digits.
    pub code: String,
    /// The version of 《用户协议》 agreed to.
    pub agreement_version: String,
    /// The version of 《隐私协议》 agreed to.
    pub privacy_version: String,
}

impl Service {
    /// Sends a code, or tells that no registration holds the phone. Both ways do the same work in the database, so that the
    /// time an answer takes tells nothing.
    ///
    /// # Errors
    /// Malformed phones, limits, and [`Trouble::RegistrationUnavailable`].
    pub async fn request_code(&self, phone: &str, from: Option<IpAddr>) -> Result<view::CodeSent, Trouble> {
        let phone = PhoneNumber::parse(phone).map_err(|_| Trouble::PhoneMalformed)?;
        let now = self.clock.now();
        let exam = self.open_exam_session().await?;
        self.limit_address("code_address", from, self.rules.codes_per_address).await?;
        let minute =
            self.store.rate_hit("code_minute", phone.as_str(), self.rules.code_again, 1, now).await?;
        if !minute.allowed {
            return Err(Trouble::CodeTooSoon { after_s: seconds_until(minute.until, now) });
        }
        let day = self.store.rate_hit("code_day", phone.as_str(), DAY, self.rules.codes_per_day, now).await?;
        if !day.allowed {
            return Err(Trouble::CodeTooMany { after_s: seconds_until(day.until, now) });
        }
        let registered = self.find_registration(&exam, &phone).await?.is_some();
        let code = new_code()?;
        let expires_at = later(now, self.rules.code_lifetime);
        let minutes = self.rules.code_lifetime.as_secs().div_ceil(60);
        let message = NewMessage {
            kind: LOGIN_CODE.to_owned(),
            phone: phone.clone(),
            parameters: vec![code.clone(), minutes.to_string()],
            // The message to a phone that is not registered has run out when it is made: the worker drops it.
            expires_at: Some(if registered { expires_at } else { now }),
        };
        let tx = self.store.begin().await?;
        tx.put_sms_code(&phone, &code, self.rules.code_tries, expires_at, now).await?;
        let message_id = tx.enqueue_message(&message, now).await?;
        tx.commit().await?;
        // The worker's lines bear the same id.
        tracing::info!(message = %message_id, "a message waits to be sent");
        metrics::counter!(meters::CODES, "registered" => registered.to_string()).increment(1);
        let message = if registered {
            Text::new(
                format!("验证码已发送到 {}，{minutes} 分钟内有效。", phone.masked()),
                format!("A code is on its way to {}, good for {minutes} minutes.", phone.masked()),
            )
        } else {
            phone_unknown(&exam.office.phone)
        };
        Ok(view::CodeSent { registered, message, again_after_s: self.rules.code_again.as_secs() })
    }

    /// Lets in whoever knows the code, and records both consents with version and time.
    ///
    /// # Errors
    /// Malformed input, [`Trouble::ConsentMissing`], the code's troubles, [`Trouble::PhoneUnknown`].
    pub async fn log_in(&self, login: LogIn, from: Option<IpAddr>) -> Result<view::LoggedIn, Trouble> {
        let phone = PhoneNumber::parse(&login.phone).map_err(|_| Trouble::PhoneMalformed)?;
        let code = login.code.trim();
        if code.len() != CODE_DIGITS || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Trouble::CodeMalformed);
        }
        let exam = self.open_exam_session().await?;
        if login.agreement_version != exam.agreement.version || login.privacy_version != exam.privacy.version
        {
            return Err(Trouble::ConsentMissing);
        }
        self.limit_address("login_address", from, self.rules.logins_per_address).await?;
        // First the registration, then the code: a registration system that is away must not cost the candidate the code.
        let registration = self.find_registration(&exam, &phone).await?;
        match self.store.try_sms_code(&phone, code, self.clock.now()).await? {
            CodeAnswer::Right => {}
            CodeAnswer::Wrong { tries_left: 0 } | CodeAnswer::NoneValid => return Err(Trouble::CodeExpired),
            CodeAnswer::Wrong { tries_left } => {
                return Err(Trouble::CodeWrong { tries_left: u8::try_from(tries_left).unwrap_or(u8::MAX) });
            }
        }
        let registration =
            registration.ok_or_else(|| Trouble::PhoneUnknown { office_phone: exam.office.phone.clone() })?;
        self.let_in(&exam, registration, None).await
    }

    /// Lets the candidate's page begin at the desk, with the ticket that a registrar was given. The candidate agrees to the texts on it.
    ///
    /// # Errors
    /// [`Trouble::TicketSpent`], [`Trouble::ConsentMissing`], [`Trouble::CollectionEnded`].
    pub async fn log_in_at_desk(
        &self,
        ticket: &str,
        agreement_version: &str,
        privacy_version: &str,
        from: Option<IpAddr>,
    ) -> Result<view::LoggedIn, Trouble> {
        self.limit_address("login_address", from, self.rules.logins_per_address).await?;
        let now = self.clock.now();
        // Looked at first: texts that have just changed must not cost the ticket.
        let (collection, _) = self.store.desk_ticket(ticket, now).await?.ok_or(Trouble::TicketSpent)?;
        let record = self.store.collection(collection).await?.ok_or(Trouble::TicketSpent)?;
        let exam = self.store.exam_session(&record.exam_session).await?.ok_or(Trouble::TicketSpent)?;
        if agreement_version != exam.agreement.version || privacy_version != exam.privacy.version {
            return Err(Trouble::ConsentMissing);
        }
        if record.collection.has_ended() {
            return Err(Trouble::CollectionEnded { state: record.collection.state().name() });
        }
        let registration = match self.store.registration(&exam.id, &record.registration_id).await? {
            Some(found) => found.registration,
            None => record.particulars.registration.clone().ok_or(Trouble::TicketSpent)?,
        };
        let (_, actor) = self.store.use_desk_ticket(ticket, now).await?.ok_or(Trouble::TicketSpent)?;
        self.let_in(&exam, registration, Some(&actor)).await
    }

    async fn let_in(
        &self,
        exam: &ExamSession,
        registration: Registration,
        actor: Option<&str>,
    ) -> Result<view::LoggedIn, Trouble> {
        let now = self.clock.now();
        let lifetime = if actor.is_some() { AT_DESK } else { self.rules.session_lifetime };
        let expires_at = later(now, lifetime);
        for _ in 0..3 {
            let record = self
                .store
                .find_or_create_collection(&exam.id, &registration.id, exam.attempts_allowed, now)
                .await?;
            match self.open_session(record, exam, &registration, actor, expires_at).await {
                Ok((token, record)) => {
                    return Ok(view::LoggedIn {
                        token: token.as_str().to_owned(),
                        expires_at,
                        collection: self.view(&record, exam).await?,
                    });
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Trouble::ChangedMeanwhile)
    }

    async fn open_session(
        &self,
        mut record: CollectionRecord,
        exam: &ExamSession,
        registration: &Registration,
        actor: Option<&str>,
        expires_at: Timestamp,
    ) -> Result<(SessionToken, CollectionRecord), StoreError> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        if record.particulars.registration.as_ref() != Some(registration) {
            record.particulars.registration = Some(registration.clone());
            tx.save_collection(&mut record, now).await?;
        }
        tx.record_consent(record.id, ConsentKind::Agreement, &exam.agreement.version, now).await?;
        tx.record_consent(record.id, ConsentKind::Privacy, &exam.privacy.version, now).await?;
        let event = if actor.is_some() { "began_at_desk" } else { "logged_in" };
        tx.note(&Entry::new(record.id, event, actor.unwrap_or(CANDIDATE)), now).await?;
        let token = tx.create_session(record.id, actor, expires_at, now).await?;
        tx.commit().await?;
        Ok((token, record))
    }

    /// Ends a session; one that is not there has ended.
    ///
    /// # Errors
    /// [`Trouble::Internal`].
    pub async fn log_out(&self, token: &str) -> Result<(), Trouble> {
        Ok(self.store.revoke_session(token).await?)
    }

    /// The registration that holds the phone now.
    pub(crate) async fn find_registration(
        &self,
        exam: &ExamSession,
        phone: &PhoneNumber,
    ) -> Result<Option<Registration>, Trouble> {
        let begun = std::time::Instant::now();
        let asking = tracing::info_span!("partner", partner = "registration");
        let found = self.registration.find_by_phone(&exam.id, phone).instrument(asking).await;
        let outcome = match &found {
            Ok(Some(_)) => "found",
            Ok(None) => "not_found",
            Err(_) => "lookup_failed",
        };
        meters::asked("registration", outcome, begun.elapsed());
        found.map_err(|error: RegistrationError| {
            tracing::error!(code = error.code(), "the registration system did not answer a look-up");
            Trouble::RegistrationUnavailable { after_s: ASK_AGAIN_S }
        })
    }

    pub(crate) async fn limit_address(
        &self,
        rule: &'static str,
        from: Option<IpAddr>,
        limit: u64,
    ) -> Result<(), Trouble> {
        let Some(address) = from else { return Ok(()) };
        let now = self.clock.now();
        let hit = self.store.rate_hit(rule, &network(address), HOUR, limit, now).await?;
        if hit.allowed {
            Ok(())
        } else {
            Err(Trouble::TooManyRequests { after_s: seconds_until(hit.until, now) })
        }
    }
}

/// The kind of message that carries a login code: its parameters are the code and the minutes.
pub(crate) const LOGIN_CODE: &str = "login_code";

/// Six digits, each value as likely as any other, from the operating system's random numbers.
fn new_code() -> Result<String, Trouble> {
    const CODES: u32 = 1_000_000;
    loop {
        let random = rand::rngs::OsRng.try_next_u32().map_err(|_| {
            tracing::error!("the operating system gives no random numbers");
            Trouble::Internal
        })?;
        if random < u32::MAX - u32::MAX % CODES {
            return Ok(format!("{:06}", random % CODES));
        }
    }
}

/// One IPv4 address, or the 64 bits of an IPv6 address that one household or school has.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

pub(crate) fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn seconds_until(then: Timestamp, now: Timestamp) -> u64 {
    let millis = then.duration_since(now).as_millis();
    u64::try_from(millis).unwrap_or(0).div_ceil(1000).max(1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_have_six_digits_and_differ() {
        let codes: std::collections::HashSet<String> = (0..200).map(|_| new_code().unwrap()).collect();
        assert!(codes.len() > 190);
        assert!(codes.iter().all(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit())));
    }

    #[test]
    fn neighbours_behind_one_ipv6_prefix_are_one_address() {
        let a = network("2001:db8:1:2:aaaa::1".parse().unwrap());
        assert_eq!(a, network("2001:db8:1:2:bbbb::2".parse().unwrap()));
        assert_ne!(a, network("2001:db8:1:3::1".parse().unwrap()));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1");
    }

    #[test]
    fn waiting_times_are_rounded_up() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        assert_eq!(seconds_until(later(now, Duration::from_millis(1500)), now), 2);
        assert_eq!(seconds_until(now, now), 1);
    }
}
