//! Sealing: authenticated encryption of one value, bound to the place where it is kept.
//!
//! A sealed value is `0x01 | length of key id | key id | nonce (12) | ciphertext and tag (16)`, of AES-256-GCM
//! or SM4-GCM, as the key file says of that key. Header and place (table, column, row) are authenticated with it, so that a
//! value copied to another row does not open.

use aes_gcm::aead::Payload;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Keyring, KeyringError, SealError, StoreError, algorithms::NONCE};

const VERSION: u8 = 1;
const TAG: usize = 16;

/// Where a value is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub table: &'static str,
    pub column: &'static str,
    pub row: Uuid,
}

impl Place {
    fn associated(&self, header: &[u8]) -> Vec<u8> {
        let mut data = header.to_vec();
        for part in [self.table.as_bytes(), self.column.as_bytes(), self.row.as_bytes()] {
            // Lengths first: no two places may run together into the same bytes.
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

impl Keyring {
    /// Seals a value under the current key.
    pub(crate) fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key_id = self.current_key_id();
        let cipher = self.cipher(key_id).ok_or_else(|| SealError::UnknownKey(key_id.to_owned()))?;
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| KeyringError::Random)?;
        let mut sealed = Vec::with_capacity(2 + key_id.len() + NONCE + plain.len() + TAG);
        sealed.push(VERSION);
        sealed.push(key_id.len() as u8);
        sealed.extend_from_slice(key_id.as_bytes());
        let associated = place.associated(&sealed);
        let payload = Payload { msg: plain, aad: &associated };
        let encrypted = cipher.encrypt(nonce, payload).map_err(|_| SealError::Form)?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&encrypted);
        Ok(sealed)
    }

    /// Opens a sealed value.
    pub(crate) fn open(&self, place: Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let key_id = key_id_of(sealed)?;
        let (header, rest) = sealed.split_at(2 + key_id.len());
        let (nonce, encrypted) = rest.split_at_checked(NONCE).ok_or(SealError::Form)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| SealError::Form)?;
        let cipher = self.cipher(key_id).ok_or_else(|| SealError::UnknownKey(key_id.to_owned()))?;
        let associated = place.associated(header);
        let payload = Payload { msg: encrypted, aad: &associated };
        cipher.decrypt(nonce, payload).map(Zeroizing::new).map_err(|_| SealError::Altered)
    }

    /// Seals a value as JSON.
    pub(crate) fn seal_json<T: Serialize>(&self, place: Place, value: &T) -> Result<Vec<u8>, StoreError> {
        let json = serde_json::to_vec(value).map_err(|_| StoreError::Malformed(place.column))?;
        self.seal(place, &Zeroizing::new(json))
    }

    /// Opens a value sealed as JSON.
    pub(crate) fn open_json<T: DeserializeOwned>(
        &self,
        place: Place,
        sealed: &[u8],
    ) -> Result<T, StoreError> {
        let json = self.open(place, sealed)?;
        serde_json::from_slice(&json).map_err(|_| StoreError::Malformed(place.column))
    }
}

/// The id of the key that a value is sealed under.
pub(crate) fn key_id_of(sealed: &[u8]) -> Result<&str, SealError> {
    match sealed {
        [VERSION, length, rest @ ..] => rest
            .get(..usize::from(*length))
            .and_then(|id| std::str::from_utf8(id).ok())
            .ok_or(SealError::Form),
        _ => Err(SealError::Form),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::Algorithms;

    fn place(row: u128) -> Place {
        Place { table: "registration", column: "details", row: Uuid::from_u128(row) }
    }

    const BOTH: [Algorithms; 2] = [Algorithms::International, Algorithms::National];

    fn ring(id: &str, algorithms: Algorithms) -> Keyring {
        Keyring::parse(&Keyring::generate(id, algorithms).unwrap()).unwrap()
    }

    #[test]
    fn a_value_that_another_implementation_sealed_opens() {
        // Sealed with Python's cryptography, on OpenSSL. The first form is that of the key files from before algorithms were named.
        let secret = "ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A=";
        let aes = "010161000102030405060708090a0bd09d4ce6fb69876352e811a399c655ef8b3ee448893b";
        let sm4 = "010161000102030405060708090a0bbc6f6bd9fbb0a03fa42b688ec8ded2fe9126c0f0d7c6";
        for (key, sealed) in [
            (format!("\"{secret}\""), aes),
            (format!("{{ algorithm = \"aes-256-gcm\", secret = \"{secret}\" }}"), aes),
            ("{ algorithm = \"sm4-gcm\", secret = \"ISIjJCUmJygpKissLS4vMA==\" }".to_owned(), sm4),
        ] {
            let text = format!("current = \"a\"\nlookup = \"{secret}\"\n[keys]\na = {key}");
            let opened = Keyring::parse(&text).unwrap().open(place(1), &hex::decode(sealed).unwrap());
            assert_eq!(&**opened.unwrap(), "王龑".as_bytes(), "{key}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_sealed_opens_again_and_hides_its_text(plain in prop::collection::vec(any::<u8>(), 4..200)) {
            for algorithms in BOTH {
                let ring = ring("a", algorithms);
                let sealed = ring.seal(place(1), &plain).unwrap();
                prop_assert_eq!(&*ring.open(place(1), &sealed).unwrap(), &plain);
                prop_assert!(!sealed.windows(plain.len()).any(|w| w == plain));
                prop_assert_ne!(&sealed, &ring.seal(place(1), &plain).unwrap());
            }
        }

        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            for algorithms in BOTH {
                prop_assert!(ring("a", algorithms).open(place(1), &bytes).is_err());
            }
        }
    }

    #[test]
    fn every_single_changed_bit_is_noticed() {
        for ring in BOTH.map(|algorithms| ring("a", algorithms)) {
            let sealed = ring.seal(place(1), "王龑".as_bytes()).unwrap();
            for bit in 0..sealed.len() * 8 {
                let mut altered = sealed.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                assert!(ring.open(place(1), &altered).is_err(), "bit {bit}");
            }
            assert_eq!(ring.open(place(1), &sealed[..sealed.len() - 1]), Err(SealError::Altered));
        }
    }

    #[test]
    fn a_value_opens_in_its_own_place_only() {
        for ring in BOTH.map(|algorithms| ring("a", algorithms)) {
            let sealed = ring.seal(place(1), b"x").unwrap();
            assert_eq!(ring.open(place(2), &sealed), Err(SealError::Altered));
            assert_eq!(ring.open(Place { column: "payload", ..place(1) }, &sealed), Err(SealError::Altered));
            let run_together = Place { table: "registrationd", column: "etails", ..place(1) };
            assert_eq!(ring.open(run_together, &sealed), Err(SealError::Altered));
        }
    }

    #[test]
    fn a_key_that_is_missing_is_named_and_another_of_its_name_does_not_open() {
        for (one, other) in [(BOTH[0], BOTH[0]), (BOTH[0], BOTH[1]), (BOTH[1], BOTH[0]), (BOTH[1], BOTH[1])] {
            let sealed = ring("old", one).seal(place(1), b"x").unwrap();
            assert_eq!(ring("new", one).open(place(1), &sealed), Err(SealError::UnknownKey("old".into())));
            assert_eq!(ring("old", other).open(place(1), &sealed), Err(SealError::Altered));
        }
    }
}
