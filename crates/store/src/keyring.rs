//! The operator's keys: where they come from, and the two uses they have, sealing values and hashing look-ups.

use std::{collections::BTreeMap, fmt, io::Write as _, path::Path, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    KeyringError,
    algorithms::{Algorithms, Cipher, HashAlgorithm, SealAlgorithm},
};

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
    ciphers: BTreeMap<String, Cipher>,
    hash: HashAlgorithm,
    look_up: Zeroizing<[u8; 32]>,
}

/// The key file, TOML or JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    current: String,
    lookup: Entry,
    keys: BTreeMap<String, Entry>,
}

/// A secret, with the algorithm it is for unless it is for the usual one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Usual(Secret),
    Named(Named),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    algorithm: String,
    secret: Secret,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct Secret(String);

/// A keyed hash (HMAC-SHA-256 or HMAC-SM3) of a personal value, by which a row is found without holding the value.
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

/// What a place notes of the look-ups that its hashes were made with: enough to tell others from them, too little to find the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookUpMark {
    /// The name of a [`HashAlgorithm`]; a later version may know more of them.
    pub algorithm: String,
    /// One keyed hash, in hexadecimal.
    pub hash: String,
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
    /// or the same as a JSON object. A secret for another algorithm than the usual ones, AES-256-GCM and HMAC-SHA-256, names it:
    ///
    /// ```toml
    /// current = "2026-11"
    /// lookup = { algorithm = "hmac-sm3", secret = "rVJmVkkoTKFYGDrZVKu6zV2L3oeaXnXbIO1PTFhYdL0=" }
    /// [keys]
    /// 2026-11 = { algorithm = "sm4-gcm", secret = "9o7sVcDdvz5BP6nC8fhTLg==" }  # 16 bytes in base64
    /// ```
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
                wrong(format!(
                    "not a key file, line {line}: `current`, `lookup` and `[keys]` are needed; \
                     an entry is a secret, or {{ algorithm, secret }}"
                ))
            })?
        };
        let mut ciphers = BTreeMap::new();
        for (id, entry) in &file.keys {
            let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            if id.is_empty() || id.len() > KEY_ID || !plain {
                return Err(wrong(format!(
                    "keys.{id}: a key id has 1 to {KEY_ID} letters, digits, hyphens, dots"
                )));
            }
            let name = format!("keys.{id}");
            let usual = SealAlgorithm::Aes256Gcm;
            let algorithm = entry.algorithm(&name, usual, SealAlgorithm::parse, "aes-256-gcm or sm4-gcm")?;
            let cipher = match algorithm {
                SealAlgorithm::Aes256Gcm => Cipher::aes(&*entry.secret(&name, algorithm.as_str())?),
                SealAlgorithm::Sm4Gcm => Cipher::sm4(&*entry.secret(&name, algorithm.as_str())?),
            };
            ciphers.insert(id.clone(), cipher);
        }
        if !ciphers.contains_key(&file.current) {
            return Err(wrong(format!("current: there is no key `{}` under [keys]", file.current)));
        }
        let usual = HashAlgorithm::HmacSha256;
        let hash =
            file.lookup.algorithm("lookup", usual, HashAlgorithm::parse, "hmac-sha-256 or hmac-sm3")?;
        let look_up = hash.derive(&*file.lookup.secret("lookup", hash.as_str())?, "zhaoyan look-up v1");
        Ok(Keyring(Arc::new(Keys { current: file.current, ciphers, hash, look_up })))
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
    pub fn generate(key_id: &str, algorithms: Algorithms) -> Result<Zeroizing<String>, KeyringError> {
        let (lookup, key) = match algorithms {
            Algorithms::International => (new_entry::<32>(None)?, new_entry::<32>(None)?),
            Algorithms::National => (
                new_entry::<32>(Some(HashAlgorithm::HmacSm3.as_str()))?,
                new_entry::<16>(Some(SealAlgorithm::Sm4Gcm.as_str()))?,
            ),
        };
        let text = Zeroizing::new(format!(
            "# Zhaoyan's keys. Without this file nothing personal in the database can be read again: keep a copy, apart from\n\
             # the database's. To rotate: add a key, name it as current, keep the old one until everything is re-encrypted.\n\
             current = \"{key_id}\"\n\
             # Never change this one: candidates are found by hashes made with it.\n\
             lookup = {}\n\n[keys]\n\"{key_id}\" = {}\n",
            *lookup, *key
        ));
        Keyring::parse(&text)?;
        Ok(text)
    }

    /// Writes a new key file with mode 0600; one that is there already is left alone.
    ///
    /// # Errors
    /// [`KeyringError::File`], also if the file exists.
    pub fn generate_file(path: &Path, key_id: &str, algorithms: Algorithms) -> Result<Keyring, KeyringError> {
        let text = Keyring::generate(key_id, algorithms)?;
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

    pub(crate) fn cipher(&self, key_id: &str) -> Option<&Cipher> {
        self.0.ciphers.get(key_id)
    }

    /// The look-up hash of a value; `purpose` keeps hashes of different uses apart, so that a phone's hash as an address
    /// of messages is not its hash as a key of a counter.
    pub fn look_up(&self, purpose: &str, value: &str) -> LookUpHash {
        LookUpHash(self.0.hash.mac(&self.0.look_up, &[purpose.as_bytes(), b"\0", value.as_bytes()]))
    }

    /// What look-ups, the audit log and pictures are hashed with.
    pub fn hash_algorithm(&self) -> HashAlgorithm {
        self.0.hash
    }

    /// The hash of a file.
    pub(crate) fn content_hash(&self, bytes: &[u8]) -> [u8; 32] {
        self.0.hash.digest(bytes)
    }

    /// What is to be noted of the look-ups, for [`Keyring::must_be`].
    pub fn mark(&self) -> LookUpMark {
        LookUpMark {
            algorithm: self.0.hash.as_str().to_owned(),
            hash: hex::encode(self.look_up("backup", "keys").0),
        }
    }

    /// Holds the look-ups against those that were noted.
    ///
    /// # Errors
    /// [`KeyringError::OtherHash`] or [`KeyringError::OtherLookUp`] if they are others: nothing would be found by them.
    pub fn must_be(&self, noted: &LookUpMark) -> Result<(), KeyringError> {
        self.must_hash_with(&noted.algorithm)?;
        if self.mark().hash == noted.hash { Ok(()) } else { Err(KeyringError::OtherLookUp) }
    }

    pub(crate) fn must_hash_with(&self, algorithm: &str) -> Result<(), KeyringError> {
        match self.0.hash.as_str() {
            ours if ours == algorithm => Ok(()),
            ours => Err(KeyringError::OtherHash { ours, theirs: algorithm.to_owned() }),
        }
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring(current {}, keys {:?})", self.0.current, self.key_ids().collect::<Vec<_>>())
    }
}

impl Entry {
    fn algorithm<A>(
        &self,
        name: &str,
        usual: A,
        parse: fn(&str) -> Option<A>,
        known: &str,
    ) -> Result<A, KeyringError> {
        match self {
            Entry::Usual(_) => Ok(usual),
            // What stands there is not repeated: it may be a secret in the wrong line.
            Entry::Named(named) => parse(&named.algorithm)
                .ok_or_else(|| KeyringError::Text(format!("{name}.algorithm: write {known}"))),
        }
    }

    fn secret<const N: usize>(
        &self,
        name: &str,
        algorithm: &str,
    ) -> Result<Zeroizing<[u8; N]>, KeyringError> {
        let (Entry::Usual(Secret(text)) | Entry::Named(Named { secret: Secret(text), .. })) = self;
        let bytes = BASE64_STANDARD.decode(text.trim()).map(Zeroizing::new).unwrap_or_default();
        <[u8; N]>::try_from(bytes.as_slice()).map(Zeroizing::new).map_err(|_| {
            KeyringError::Text(format!("{name}: write {N} random bytes in base64, for {algorithm}"))
        })
    }
}

/// A fresh secret as the key file has it.
fn new_entry<const N: usize>(algorithm: Option<&str>) -> Result<Zeroizing<String>, KeyringError> {
    let mut bytes = Zeroizing::new([0u8; N]);
    getrandom::fill(&mut *bytes).map_err(|_| KeyringError::Random)?;
    let secret = Zeroizing::new(BASE64_STANDARD.encode(*bytes));
    Ok(Zeroizing::new(match algorithm {
        None => format!("\"{}\"", *secret),
        Some(algorithm) => format!("{{ algorithm = \"{algorithm}\", secret = \"{}\" }}", *secret),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use Algorithms::{International, National};

    #[test]
    fn a_generated_file_is_private_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        for algorithms in [International, National] {
            let path = dir.path().join(algorithms.as_str());
            let made = Keyring::generate_file(&path, "2026-11", algorithms).unwrap();
            let read = Keyring::load(&path).unwrap();
            assert_eq!(made.look_up("phone", "1"), read.look_up("phone", "1"));
            assert_eq!(read.current_key_id(), "2026-11");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
            let again = Keyring::generate_file(&path, "2026-11", algorithms);
            assert!(matches!(again, Err(KeyringError::File(_))));
        }
    }

    #[test]
    fn look_ups_are_those_that_another_implementation_computes() {
        // Computed with Python's hmac, on OpenSSL. The first form is that of the key files from before algorithms were named.
        let secret = BASE64_STANDARD.encode(std::array::from_fn::<u8, 32, _>(|at| at as u8 + 1));
        let sha = "17cb1242d2506361b3ae76fb58db0631b54a54d6887101a3d0e8129457fce983";
        let sm3 = "af837e64fbc185a8211be8f815fb305833b2ed9f31806a2f62191e4b851a2c49";
        for (lookup, hash) in [
            (format!("\"{secret}\""), sha),
            (format!("{{ algorithm = \"hmac-sha-256\", secret = \"{secret}\" }}"), sha),
            (format!("{{ algorithm = \"hmac-sm3\", secret = \"{secret}\" }}"), sm3),
        ] {
            let text = format!("current = \"a\"\nlookup = {lookup}\n[keys]\na = \"{secret}\"");
            let ring = Keyring::parse(&text).unwrap();
            assert_eq!(hex::encode(ring.look_up("phone", "13800000001").0), hash, "{lookup}");
        }
    }

    #[test]
    fn an_algorithm_or_a_length_that_cannot_be_meant_is_told_by_entry() {
        let secret = BASE64_STANDARD.encode([7; 32]);
        let named = |algorithm: &str| format!("{{ algorithm = \"{algorithm}\", secret = \"{secret}\" }}");
        for (lookup, key, told) in [
            (named("sm3"), named("aes-256-gcm"), "lookup.algorithm: write hmac-sha-256 or hmac-sm3"),
            (named("hmac-sm3"), named(&secret), "keys.a.algorithm: write aes-256-gcm or sm4-gcm"),
            (named("hmac-sm3"), named("sm4-gcm"), "keys.a: write 16 random bytes in base64, for sm4-gcm"),
            (named("hmac-sm3"), format!("{{ secret = \"{secret}\" }}"), "not a key file, line 4"),
        ] {
            let text = format!("current = \"a\"\nlookup = {lookup}\n[keys]\na = {key}");
            let message = Keyring::parse(&text).unwrap_err().to_string();
            assert!(message.contains(told) && !message.contains(&secret[4..20]), "{message}");
        }
    }

    #[test]
    fn other_look_ups_than_those_noted_are_told_apart() {
        let text = Keyring::generate("a", National).unwrap();
        let ring = Keyring::parse(&text).unwrap();
        ring.must_be(&ring.mark()).unwrap();
        let other = Keyring::parse(&Keyring::generate("a", National).unwrap()).unwrap();
        assert!(matches!(other.must_be(&ring.mark()), Err(KeyringError::OtherLookUp)));
        let other = Keyring::parse(&text.replace("hmac-sm3", "hmac-sha-256")).unwrap();
        let told = other.must_be(&ring.mark()).unwrap_err().to_string();
        assert!(told.contains("`lookup`") && told.contains("algorithm = \"hmac-sm3\""), "{told}");
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
        let text = Keyring::generate("a", National).unwrap();
        assert_eq!(format!("{:?}", Keyring::parse(&text).unwrap()), r#"Keyring(current a, keys ["a"])"#);
    }

    #[test]
    fn a_purpose_has_hashes_of_its_own() {
        let ring = Keyring::parse(&Keyring::generate("a", International).unwrap()).unwrap();
        assert_ne!(ring.look_up("phone", "13800000001"), ring.look_up("number", "13800000001"));
    }
}
