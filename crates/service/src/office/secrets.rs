//! Passwords and second factors: argon2id (RFC 9106) and TOTP (RFC 6238).

use std::{sync::OnceLock, time::Duration};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use domain::{Account, office::password_will_do};
use rand::{TryRngCore as _, rngs::OsRng};
use tokio::sync::Semaphore;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::Trouble;

/// Hashes that are made at once: each takes 19 MiB and a core for some tens of milliseconds.
static HASHING: Semaphore = Semaphore::const_new(2);
/// Longest that one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a second factor's secret.
const SECRET: usize = 20;

/// Does something with a password where it keeps nobody else waiting.
async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    let turn = tokio::time::timeout(PATIENCE, HASHING.acquire()).await;
    let Ok(Ok(_turn)) = turn else { return Err(Trouble::Busy { after_s: 3 }) };
    tokio::task::spawn_blocking(work).await.map_err(|_| Trouble::Internal)
}

fn hash(password: &str) -> Result<String, Trouble> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| {
        tracing::error!("a password could not be hashed");
        Trouble::Internal
    })?;
    Ok(hash.to_string())
}

/// A password's hash, as a PHC string: argon2id, 19 MiB, two passes, a salt of its own.
pub(super) async fn hashed(password: Zeroizing<String>) -> Result<String, Trouble> {
    hashing(move || hash(&password)).await?
}

/// Whether this is the password; without a hash the same work is done in vain, so that the time tells nothing.
pub(super) async fn is_password(password: Zeroizing<String>, known: Option<String>) -> Result<bool, Trouble> {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    hashing(move || {
        let nobodys = || NOBODYS.get_or_init(|| hash("nobody's").unwrap_or_default()).clone();
        let is_known = known.is_some();
        let against = known.unwrap_or_else(nobodys);
        is_known & Argon2::default().verify_password(password.as_bytes(), against.as_str()).is_ok()
    })
    .await
}

/// A new second factor's secret.
pub(super) fn new_secret() -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let mut secret = Zeroizing::new(vec![0; SECRET]);
    getrandom::fill(&mut secret).map_err(|_| Trouble::Internal)?;
    Ok(secret)
}

/// The second factor of an account: six digits, every 30 seconds others; those of the step before and after are taken as well.
pub(super) fn totp(secret: &[u8], account: &Account) -> Result<Totp, Trouble> {
    Builder::new()
        .with_secret(secret.to_vec())
        .with_issuer(Some("Zhaoyan"))
        .with_account_name(account.as_str())
        .build()
        .map_err(|_| Trouble::Internal)
}

/// A password to begin with, easily read out: letters and digits that nobody confuses, in groups of four.
pub(super) fn first_password(account: &Account) -> Result<Zeroizing<String>, Trouble> {
    const SIGNS: [&[u8]; 4] =
        [b"abcdefghjkmnpqrstuvwxyz", b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghjkmnpqrstuvwxyz", b"23456789"];
    loop {
        let mut password = Zeroizing::new(String::with_capacity(19));
        for signs in SIGNS {
            if !password.is_empty() {
                password.push('-');
            }
            let mut taken = 0;
            while taken < 4 {
                let byte = usize::from(OsRng.try_next_u32().map_err(|_| Trouble::Internal)? as u8);
                // Those beyond the last whole round would be likelier than others.
                if byte < 256 / signs.len() * signs.len() {
                    password.push(char::from(signs[byte % signs.len()]));
                    taken += 1;
                }
            }
        }
        if password_will_do(&password, account).is_ok() {
            return Ok(password);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn li() -> Account {
        Account::parse("li").unwrap()
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_nobodys_never_is() {
        let hash = hashed("Rain-on-7-roofs".to_owned().into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let is =
            |password: &str, hash: Option<&String>| is_password(password.to_owned().into(), hash.cloned());
        assert!(is("Rain-on-7-roofs", Some(&hash)).await.unwrap());
        assert!(!is("Rain-on-8-roofs", Some(&hash)).await.unwrap());
        assert!(!is("nobody's", None).await.unwrap());
        assert_ne!(hashed("Rain-on-7-roofs".to_owned().into()).await.unwrap(), hash, "salted");
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1: the last six of eight digits.
        let totp = totp(b"12345678901234567890", &li()).unwrap();
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(totp.check(code, time), Some(time / 30));
            assert_eq!(totp.check(code, time + 30), Some(time / 30), "a step late");
            assert_eq!(totp.check(code, time + 61), None);
        }
        assert_eq!(totp.check("12345", 59), None);
    }

    #[test]
    fn first_passwords_will_do_and_differ() {
        let all: std::collections::HashSet<String> =
            (0..50).map(|_| first_password(&li()).unwrap().to_string()).collect();
        assert_eq!(all.len(), 50);
        assert!(all.iter().all(|p| p.len() == 19 && password_will_do(p, &li()).is_ok()));
    }
}
