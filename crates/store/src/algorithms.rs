//! The algorithms that a key file may name: AES and SHA-2, or the national ones, SM4 (GB/T 32907) and SM3 (GB/T 32905).

use aes_gcm::{
    Aes256Gcm, AesGcm, Nonce,
    aead::{self, Aead as _, Payload, consts::U12},
};
use hmac::{
    Hmac, KeyInit, Mac,
    digest::consts::{U32, U64},
};
use sha2::{Digest as _, Sha256};
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

use crate::text_enum::text_enum;

/// Bytes of a nonce.
pub(crate) const NONCE: usize = 12;

text_enum! {
    /// What values are sealed with; each key of the key file says its own.
    pub enum SealAlgorithm {
        /// AES with a key of 256 bits in Galois/Counter Mode; the secret in the key file has 32 bytes.
        Aes256Gcm = "aes-256-gcm",
        /// SM4 in Galois/Counter Mode, as RFC 8998 has it; the secret in the key file has 16 bytes.
        Sm4Gcm = "sm4-gcm",
    }
}

text_enum! {
    /// What is hashed with: look-ups and the audit log keyed (HMAC), pictures without a key. The key file says it beside the look-up
    /// secret, and it stays for the life of the database.
    pub enum HashAlgorithm {
        /// SHA-256.
        HmacSha256 = "hmac-sha-256",
        /// SM3.
        HmacSm3 = "hmac-sm3",
    }
}

text_enum! {
    /// What a new key file names.
    pub enum Algorithms {
        /// AES-256-GCM and HMAC-SHA-256.
        International = "international",
        /// SM4-GCM and HMAC-SM3.
        National = "national",
    }
}

/// A sealing key, ready for use.
pub(crate) enum Cipher {
    Aes(Box<Aes256Gcm>),
    Sm4(Box<AesGcm<Sm4, U12>>),
}

impl Cipher {
    pub fn aes(secret: &[u8; 32]) -> Cipher {
        let key = HashAlgorithm::HmacSha256.derive(secret, "zhaoyan seal v1");
        Cipher::Aes(Box::new(Aes256Gcm::new(&(*key).into())))
    }

    /// The secret is the key itself, so that whoever examines a deployment opens a value with any SM4.
    pub fn sm4(secret: &[u8; 16]) -> Cipher {
        Cipher::Sm4(Box::new(AesGcm::new(&(*secret).into())))
    }

    pub fn encrypt(&self, nonce: [u8; NONCE], payload: Payload<'_, '_>) -> Result<Vec<u8>, aead::Error> {
        match self {
            Cipher::Aes(cipher) => cipher.encrypt(&Nonce::from(nonce), payload),
            Cipher::Sm4(cipher) => cipher.encrypt(&Nonce::from(nonce), payload),
        }
    }

    pub fn decrypt(&self, nonce: [u8; NONCE], payload: Payload<'_, '_>) -> Result<Vec<u8>, aead::Error> {
        match self {
            Cipher::Aes(cipher) => cipher.decrypt(&Nonce::from(nonce), payload),
            Cipher::Sm4(cipher) => cipher.decrypt(&Nonce::from(nonce), payload),
        }
    }
}

impl HashAlgorithm {
    /// The keyed hash of some parts, one after the other.
    pub(crate) fn mac(self, key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
        match self {
            HashAlgorithm::HmacSha256 => mac::<Hmac<Sha256>>(key, parts),
            HashAlgorithm::HmacSm3 => mac::<Hmac<Sm3>>(key, parts),
        }
    }

    /// The hash without a key.
    pub(crate) fn digest(self, bytes: &[u8]) -> [u8; 32] {
        match self {
            HashAlgorithm::HmacSha256 => Sha256::digest(bytes).into(),
            HashAlgorithm::HmacSm3 => Sm3::digest(bytes).into(),
        }
    }

    /// One block of HKDF-Expand (RFC 5869): the secrets are uniformly random, so the extraction is not needed.
    pub(crate) fn derive(self, secret: &[u8; 32], label: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.mac(secret, &[label.as_bytes(), &[1]]))
    }
}

fn mac<M: Mac<OutputSize = U32> + KeyInit<KeySize = U64>>(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a key up to the hash's block with zeros; both hashes have blocks of 64 bytes.
    let mut block = Zeroizing::new([0u8; 64]);
    block[..key.len()].copy_from_slice(key);
    let mut mac = <M as KeyInit>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        hex::decode(hex).unwrap().try_into().unwrap()
    }

    #[test]
    fn sm4_gcm_is_that_of_rfc_8998() {
        // Appendix A.1.
        let cipher = Cipher::sm4(&bytes("0123456789abcdeffedcba9876543210"));
        let nonce = bytes("00001234567800000000abcd");
        let aad: [u8; 20] = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plain = hex::decode(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd\
             eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        )
        .unwrap();
        let sealed = cipher.encrypt(nonce, Payload { msg: &plain, aad: &aad }).unwrap();
        assert_eq!(
            hex::encode(&sealed),
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
             d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d\
             83de3541e4c2b58177e065a9bf7b62ec"
        );
        assert_eq!(cipher.decrypt(nonce, Payload { msg: &sealed, aad: &aad }).unwrap(), plain);
        assert!(cipher.decrypt(nonce, Payload { msg: &sealed, aad: &aad[1..] }).is_err());
    }

    #[test]
    fn sm3_is_that_of_gb_t_32905() {
        // Appendix A, examples 1 and 2.
        let sm3 = |text: &str| hex::encode(HashAlgorithm::HmacSm3.digest(text.as_bytes()));
        assert_eq!(sm3("abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assert_eq!(
            sm3(&"abcd".repeat(16)),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
        );
    }

    #[test]
    fn hmac_sm3_is_that_of_gm_t_0042() {
        // GM/T 0042-2015, appendix D.3, example 1.
        let text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".repeat(2);
        let key = std::array::from_fn(|at| at as u8 + 1);
        // In two parts, as look-ups hand it over.
        let (one, other) = text.as_bytes().split_at(7);
        assert_eq!(
            hex::encode(HashAlgorithm::HmacSm3.mac(&key, &[one, other])),
            "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"
        );
    }
}
