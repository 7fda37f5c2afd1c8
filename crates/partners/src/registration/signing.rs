//! Signatures of the registration contract, both directions: HMAC-SHA256 over what was said, when, and in answer to what.

use std::{
    collections::{HashSet, VecDeque},
    sync::Mutex,
};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Secret, tencent::tc3::hmac_sha256};

/// Names the key.
pub const KEY_HEADER: &str = "zhaoyan-key";
/// Seconds since 1970 at signing.
pub const TIMESTAMP_HEADER: &str = "zhaoyan-timestamp";
/// 32 hexadecimal digits, new for every request; an answer repeats its request's.
pub const NONCE_HEADER: &str = "zhaoyan-nonce";
/// `v1=` and 64 hexadecimal digits.
pub const SIGNATURE_HEADER: &str = "zhaoyan-signature";
/// The idempotency key of a result.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";

/// Seconds by which clocks may differ.
pub const CLOCK_WINDOW_SECONDS: i64 = 300;

/// What a request's signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Name of the key.
    pub key_id: &'a str,
    /// `POST`.
    pub method: &'a str,
    /// Path with query, as in the request line.
    pub path: &'a str,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// 32 hexadecimal digits.
    pub nonce: &'a str,
    /// The idempotency key, empty if there is none.
    pub idempotency_key: &'a str,
    /// The body as sent.
    pub body: &'a [u8],
}

/// What an answer's signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Name of the key.
    pub key_id: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// The nonce of the request.
    pub nonce: &'a str,
    /// The signature header of the request.
    pub request_signature: &'a str,
    /// The body as sent.
    pub body: &'a [u8],
}

impl Request<'_> {
    /// The value of [`SIGNATURE_HEADER`].
    pub fn sign(&self, secret: &Secret) -> String {
        let lines = [
            "zhaoyan-request-v1",
            self.key_id,
            self.method,
            self.path,
            &self.timestamp.to_string(),
            self.nonce,
            self.idempotency_key,
            &hex::encode(Sha256::digest(self.body)),
        ];
        sign_lines(secret, &lines)
    }

    /// Whether `signature` is this request's, and its clock near `now`.
    ///
    /// # Errors
    /// [`SigningError`] names what is wrong.
    pub fn verify(&self, secret: &Secret, signature: &str, now: i64) -> Result<(), SigningError> {
        if !bool::from(self.sign(secret).as_bytes().ct_eq(signature.as_bytes())) {
            return Err(SigningError::Signature);
        }
        check_clock(self.timestamp, now)?;
        if self.nonce.len() != 32 || !self.nonce.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(SigningError::Nonce);
        }
        Ok(())
    }
}

impl Answer<'_> {
    /// The value of [`SIGNATURE_HEADER`].
    pub fn sign(&self, secret: &Secret) -> String {
        let lines = [
            "zhaoyan-answer-v1",
            self.key_id,
            &self.status.to_string(),
            &self.timestamp.to_string(),
            self.nonce,
            self.request_signature,
            &hex::encode(Sha256::digest(self.body)),
        ];
        sign_lines(secret, &lines)
    }

    /// Whether `signature` is this answer's, and its clock near `now`.
    ///
    /// # Errors
    /// [`SigningError`] names what is wrong.
    pub fn verify(&self, secret: &Secret, signature: &str, now: i64) -> Result<(), SigningError> {
        if !bool::from(self.sign(secret).as_bytes().ct_eq(signature.as_bytes())) {
            return Err(SigningError::Signature);
        }
        check_clock(self.timestamp, now)
    }
}

/// What is wrong with a signed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The signature is not that of this message.
    #[error("the signature does not fit")]
    Signature,
    /// The clocks differ by more than [`CLOCK_WINDOW_SECONDS`].
    #[error("the clocks differ too much")]
    Clock,
    /// The nonce is malformed or was used before.
    #[error("the nonce was used before or is malformed")]
    Nonce,
}

/// A fresh nonce.
pub fn nonce() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

fn check_clock(then: i64, now: i64) -> Result<(), SigningError> {
    if now.abs_diff(then) > CLOCK_WINDOW_SECONDS as u64 { Err(SigningError::Clock) } else { Ok(()) }
}

fn sign_lines(secret: &Secret, lines: &[&str]) -> String {
    format!("v1={}", hex::encode(hmac_sha256(secret.expose().as_bytes(), lines.join("\n").as_bytes())))
}

/// Remembers the nonces of the clock window, so that a recorded request cannot be played again.
#[derive(Debug, Default)]
pub struct ReplayGuard {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    nonces: HashSet<String>,
    /// The same, oldest first, with the seconds since which they are remembered.
    order: VecDeque<(i64, String)>,
}

impl ReplayGuard {
    /// Takes note of a verified request's nonce.
    ///
    /// # Errors
    /// [`SigningError::Nonce`] when it was seen within the window.
    pub fn take(&self, nonce: &str, timestamp: i64, now: i64) -> Result<(), SigningError> {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A request of the future stays acceptable longest: until its own time plus the window.
        while seen.order.front().is_some_and(|(since, _)| now - since > 2 * CLOCK_WINDOW_SECONDS) {
            if let Some((_, old)) = seen.order.pop_front() {
                seen.nonces.remove(&old);
            }
        }
        if !seen.nonces.insert(nonce.to_owned()) {
            return Err(SigningError::Nonce);
        }
        seen.order.push_back((timestamp.max(now), nonce.to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: &str = "0123456789abcdef0123456789abcdef";

    fn request(body: &[u8]) -> Request<'_> {
        Request {
            key_id: "k",
            method: "POST",
            path: "/results",
            timestamp: 1_800_000_000,
            nonce: NONCE,
            idempotency_key: "i",
            body,
        }
    }

    #[test]
    fn the_contracts_own_example_is_signed_as_written_there() {
        let body = br#"{"exam_session":"2026-autumn","phone":"13800000001"}"#;
        let request = Request { path: "/lookup", key_id: "office", idempotency_key: "", ..request(body) };
        let secret = Secret::from("a secret of at least 32 characters");
        let signature = request.sign(&secret);
        let contract = include_str!("../../../../docs/registration-contract.md");
        assert!(contract.contains(&signature), "{signature}");
        let answer = Answer {
            key_id: "office",
            status: 200,
            timestamp: 1_800_000_001,
            nonce: NONCE,
            request_signature: &signature,
            body: br#"{"registration":null}"#,
        };
        assert!(contract.contains(&answer.sign(&secret)), "{}", answer.sign(&secret));
    }

    #[test]
    fn anything_changed_breaks_the_signature() {
        let secret = Secret::from("s");
        let (right, now) = (request(b"{}"), 1_800_000_000);
        let signature = right.sign(&secret);
        assert_eq!(right.verify(&secret, &signature, now), Ok(()));
        let changed = [
            Request { body: b"{ }", ..right },
            Request { path: "/lookup", ..right },
            Request { method: "PUT", ..right },
            Request { idempotency_key: "j", ..right },
            Request { timestamp: 1_800_000_001, ..right },
            Request { nonce: "0123456789abcdef0123456789abcdee", ..right },
            Request { key_id: "l", ..right },
        ];
        for other in changed {
            assert_eq!(other.verify(&secret, &signature, now), Err(SigningError::Signature), "{other:?}");
        }
        assert_eq!(right.verify(&Secret::from("t"), &signature, now), Err(SigningError::Signature));
    }

    #[test]
    fn a_clock_beyond_the_window_is_refused() {
        let secret = Secret::from("s");
        let request = request(b"");
        let signature = request.sign(&secret);
        assert_eq!(request.verify(&secret, &signature, 1_800_000_300), Ok(()));
        assert_eq!(request.verify(&secret, &signature, 1_800_000_301), Err(SigningError::Clock));
        assert_eq!(request.verify(&secret, &signature, 1_799_999_699), Err(SigningError::Clock));
    }

    proptest! {
        #[test]
        fn a_nonce_is_taken_once_within_the_window(skew in -300i64..=300, later in 0i64..=600) {
            let guard = ReplayGuard::default();
            let sent = 1_800_000_000;
            prop_assert_eq!(guard.take(NONCE, sent, sent + skew), Ok(()));
            let now = sent + skew.max(0) + later;
            // Whatever is still inside the clock window is remembered.
            if now.abs_diff(sent) <= 300 {
                prop_assert_eq!(guard.take(NONCE, sent, now), Err(SigningError::Nonce));
            }
        }
    }
}
