//! The operator's keys: where they come from, and the two uses they have, sealing values and hashing look-ups.

use std::{collections::BTreeMap, fmt, io::Write as _, path::Path, sync::Arc};

use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac as _};
use serde::Deserialize;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::KeyringError;

/// Bytes of a secret in the key file.
const SECRET: usize = 32;
/// Longest key id, in bytes.
const KEY_ID: usize = 32;

/// All keys that values may be sealed under, one of them current, and the secret of the look-up hashes.
///
/// Cheap to clone. `Debug` shows key ids only. The look-up secret has no id: hashes cannot be made anew without the
/// plain values, so it stays for the life of the database while the sealing keys rotate.
#[derive(Clone)]
pub struct Keyring(Arc<Keys>);

struct Keys {
    current: String,
    ciphers: BTreeMap<String, Aes256Gcm>,
    look_up: Zeroizing<[u8; SECRET]>,
}

/// The key file, TOML or JSON.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    current: String,
    lookup: String,
    #[zeroize(skip)]
    keys: BTreeMap<String, Secret>,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct Secret(String);

/// A keyed hash (HMAC-SHA-256) of a personal value, by which a row is found without holding the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LookUpHash(pub [u8; 32]);

impl LookUpHash {
    /// The hash that a row holds; `None` unless it has 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<LookUpHash> {
        bytes.try_into().ok().map(LookUpHash)
    }

    pub(crate) fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl Keyring {
    /// Reads a keyring:
    ///
    /// ```toml
    /// current = "2026-11"                                      # values are sealed under this key
    /// lookup = "rVJmVkkoTKFYGDrZVKu6zV2L3oeaXnXbIO1PTFhYdL0="  # 32 bytes in base64, never changed
    /// [keys]
    /// 2026-11 = "9o7sVcDdvz5BP6nC8fhTLqzkXGbPoHeJk1bTdrQmNR0=" # 32 bytes in base64
    /// ```
    ///
    /// or the same as a JSON object.
    ///
    /// # Errors
    /// [`KeyringError::Text`] names the entry at fault, never its value.
    pub fn parse(text: &str) -> Result<Keyring, KeyringError> {
        let wrong = |message: String| KeyringError::Text(message);
        // The parsers' own messages quote the line, and with it the secret: say where, not what.
        let file: KeyFile = if text.trim_start().starts_with('{') {
            serde_json::from_str(text)
                .map_err(|e| wrong(format!("not a key file, line {} column {}", e.line(), e.column())))?
        } else {
            toml::from_str(text).map_err(|e| {
                let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
                wrong(format!("not a key file, line {line}: `current`, `lookup` and `[keys]` are needed"))
            })?
        };
        let mut ciphers = BTreeMap::new();
        for (id, secret) in &file.keys {
            let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            if id.is_empty() || id.len() > KEY_ID || !plain {
                return Err(wrong(format!(
                    "keys.{id}: a key id has 1 to {KEY_ID} letters, digits, hyphens, dots"
                )));
            }
            let secret = decode(&format!("keys.{id}"), &secret.0)?;
            ciphers.insert(id.clone(), Aes256Gcm::new(&(*derive(&secret, "zhaoyan seal v1")).into()));
        }
        if !ciphers.contains_key(&file.current) {
            return Err(wrong(format!("current: there is no key `{}` under [keys]", file.current)));
        }
        let look_up = derive(&*decode("lookup", &file.lookup)?, "zhaoyan look-up v1");
        Ok(Keyring(Arc::new(Keys { current: file.current.clone(), ciphers, look_up })))
    }

    /// Reads a key file; a file that others may read is warned of.
    ///
    /// # Errors
    /// [`KeyringError::File`] if it cannot be read, [`KeyringError::Text`] if it is no keyring.
    pub fn load(path: &Path) -> Result<Keyring, KeyringError> {
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
                tracing::warn!(file = %path.display(), "the key file is open to others: chmod 600 it");
            }
        }
        Keyring::parse(&text)
    }

    /// Reads the keyring from `ZHAOYAN_KEYS` (the key file's text) or `ZHAOYAN_KEY_FILE` (its path).
    ///
    /// # Errors
    /// [`KeyringError::Missing`] if neither is set; else as [`Keyring::load`].
    pub fn from_env() -> Result<Keyring, KeyringError> {
        match (std::env::var("ZHAOYAN_KEYS"), std::env::var_os("ZHAOYAN_KEY_FILE")) {
            (Ok(text), _) => Keyring::parse(&Zeroizing::new(text)),
            (_, Some(path)) => Keyring::load(Path::new(&path)),
            _ => Err(KeyringError::Missing),
        }
    }

    /// The text of a new key file, with fresh secrets and one key of that id.
    ///
    /// # Errors
    /// [`KeyringError::Random`] if the operating system gives no random numbers.
    pub fn generate(key_id: &str) -> Result<Zeroizing<String>, KeyringError> {
        let secret = || -> Result<Zeroizing<String>, KeyringError> {
            let mut bytes = Zeroizing::new([0u8; SECRET]);
            getrandom::fill(&mut *bytes).map_err(|_| KeyringError::Random)?;
            Ok(Zeroizing::new(BASE64_STANDARD.encode(*bytes)))
        };
        let text = Zeroizing::new(format!(
            "# Zhaoyan's keys. Without this file nothing personal in the database can be read again: keep a copy, apart from\n\
             # the database's. To rotate: add a key, name it as current, keep the old one until everything is re-encrypted.\n\
             current = \"{key_id}\"\n\
             # Never change this one: candidates are found by hashes made with it.\n\
             lookup = \"{}\"\n\n[keys]\n\"{key_id}\" = \"{}\"\n",
            *secret()?,
            *secret()?
        ));
        Keyring::parse(&text)?;
        Ok(text)
    }

    /// Writes a new key file with mode 0600; one that is there already is left alone.
    ///
    /// # Errors
    /// [`KeyringError::File`], also if the file exists.
    pub fn generate_file(path: &Path, key_id: &str) -> Result<Keyring, KeyringError> {
        let text = Keyring::generate(key_id)?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Keyring::parse(&text)
    }

    /// The id of the key that new values are sealed under.
    pub fn current_key_id(&self) -> &str {
        &self.0.current
    }

    /// All key ids.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.0.ciphers.keys().map(String::as_str)
    }

    pub(crate) fn cipher(&self, key_id: &str) -> Option<&Aes256Gcm> {
        self.0.ciphers.get(key_id)
    }

    /// The look-up hash of a value; `purpose` keeps hashes of different uses apart, so that a phone's hash as an address
    /// of messages is not its hash as a key of a counter.
    pub fn look_up(&self, purpose: &str, value: &str) -> LookUpHash {
        LookUpHash(mac(&self.0.look_up, &[purpose.as_bytes(), b"\0", value.as_bytes()]))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring(current {}, keys {:?})", self.0.current, self.key_ids().collect::<Vec<_>>())
    }
}

fn decode(entry: &str, text: &str) -> Result<Zeroizing<[u8; SECRET]>, KeyringError> {
    let bytes = BASE64_STANDARD.decode(text.trim()).map(Zeroizing::new).unwrap_or_default();
    <[u8; SECRET]>::try_from(bytes.as_slice())
        .map(Zeroizing::new)
        .map_err(|_| KeyringError::Text(format!("{entry}: write {SECRET} random bytes in base64")))
}

/// One block of HKDF-Expand (RFC 5869): the secrets are uniformly random, so the extraction is not needed.
fn derive(secret: &[u8; SECRET], label: &str) -> Zeroizing<[u8; SECRET]> {
    Zeroizing::new(mac(secret, &[label.as_bytes(), &[1]]))
}

fn mac(key: &[u8; SECRET], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a key up to the hash's block with zeros.
    let mut block = Zeroizing::new([0u8; 64]);
    block[..SECRET].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_generated_file_is_private_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.toml");
        let made = Keyring::generate_file(&path, "2026-11").unwrap();
        let read = Keyring::load(&path).unwrap();
        assert_eq!(made.look_up("phone", "1"), read.look_up("phone", "1"));
        assert_eq!(read.current_key_id(), "2026-11");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(matches!(Keyring::generate_file(&path, "2026-11"), Err(KeyringError::File(_))));
    }

    #[test]
    fn json_is_as_good_as_toml() {
        let secret = BASE64_STANDARD.encode([7; 32]);
        let json = format!(r#"{{"current":"a","lookup":"{secret}","keys":{{"a":"{secret}"}}}}"#);
        let toml = format!("current = \"a\"\nlookup = \"{secret}\"\nkeys = {{ a = \"{secret}\" }}");
        let (json, toml) = (Keyring::parse(&json).unwrap(), Keyring::parse(&toml).unwrap());
        assert_eq!(json.look_up("x", "y"), toml.look_up("x", "y"));
    }

    #[test]
    fn a_broken_file_is_told_without_its_secrets() {
        let secret = BASE64_STANDARD.encode([7; 32]);
        for text in [
            format!("current = \"a\"\nlookup = \"{secret}\" oops\n"),
            format!("current = \"b\"\nlookup = \"{secret}\"\n[keys]\na = \"{secret}\""),
            format!("current = \"a\"\nlookup = \"{secret}\"\n[keys]\na = \"{}\"", &secret[4..]),
            format!(r#"{{"current":"a","lookup":"{secret}","keys":"{secret}"}}"#),
            String::new(),
        ] {
            let message = Keyring::parse(&text).unwrap_err().to_string();
            assert!(!message.contains(&secret[4..20]), "{message}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = Keyring::generate("a").unwrap();
        assert_eq!(format!("{:?}", Keyring::parse(&text).unwrap()), r#"Keyring(current a, keys ["a"])"#);
    }

    #[test]
    fn a_purpose_has_hashes_of_its_own() {
        let ring = Keyring::parse(&Keyring::generate("a").unwrap()).unwrap();
        assert_ne!(ring.look_up("phone", "13800000001"), ring.look_up("number", "13800000001"));
    }
}
