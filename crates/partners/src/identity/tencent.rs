//! Tencent Cloud FaceID `ImageRecognitionV2`, version 2018-03-01.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    identity::{Answer, IdentityPlatform, Kind, Question, sort},
    tencent::{CallError, Credentials, Product, looks_like_code},
    transport::{ConfigError, TransportConfig},
};

/// Longest picture that the vendor takes, in characters of Base64.
pub const MAX_ENCODED_PICTURE: usize = 3 * 1024 * 1024;

const ACTION: &str = "ImageRecognitionV2";
/// What an answer below the threshold is called where the vendor itself said `Success`.
const BELOW_THRESHOLD: &str = "FailedOperation.CompareLowSimilarity";

/// How to reach and to read the platform.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub struct TencentFaceIdConfig {
    /// URL of the API; the vendor's own unless set.
    pub endpoint: String,
    /// The vendor's region; this API needs none.
    pub region: Option<String>,
    /// The key pair.
    #[serde(flatten)]
    pub credentials: Credentials,
    /// Least similarity that is a match, 0 to 100. The vendor itself refuses below 70, so only a higher one makes a difference.
    pub threshold: f32,
    /// Time-outs and proxy.
    pub transport: TransportConfig,
}

impl Default for TencentFaceIdConfig {
    fn default() -> Self {
        TencentFaceIdConfig {
            endpoint: "https://faceid.tencentcloudapi.com".into(),
            region: None,
            credentials: Credentials::default(),
            threshold: 70.0,
            transport: TransportConfig::default(),
        }
    }
}

/// The client.
#[derive(Debug, Clone)]
pub struct TencentFaceId {
    product: Product,
    threshold: f32,
}

impl TencentFaceId {
    /// A client of the configured platform.
    ///
    /// # Errors
    /// [`ConfigError`] when endpoint or keys are unusable.
    pub fn new(config: &TencentFaceIdConfig) -> Result<TencentFaceId, ConfigError> {
        let product = Product::new(
            "faceid",
            "2018-03-01",
            &config.endpoint,
            config.region.clone(),
            config.credentials.clone(),
            &config.transport,
        )?;
        Ok(TencentFaceId { product, threshold: config.threshold })
    }
}

/// The attempt's serial number: 10 characters, for that is all that the vendor's `Extra` holds; the same for the same attempt.
///
/// 50 bits of a hash, so that two attempts share one with a probability of about 1 in 10¹⁵.
pub fn serial(attempt: Uuid) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let hash = Sha256::digest(attempt.as_bytes());
    let bits = hash.iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..10).map(|i| char::from(ALPHABET[(bits >> (59 - 5 * i) & 31) as usize])).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ask<'a> {
    id_card: &'a str,
    name: &'a str,
    image_base64: String,
    extra: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    sim: Option<f32>,
    result: String,
    #[serde(default)]
    extra: Option<String>,
    request_id: String,
}

#[async_trait]
impl IdentityPlatform for TencentFaceId {
    async fn verify(&self, question: &Question<'_>) -> Answer {
        let image_base64 = BASE64_STANDARD.encode(question.photo);
        if image_base64.len() > MAX_ENCODED_PICTURE {
            return Answer::PictureUnusable { code: "FailedOperation.ImageSizeTooLarge".into() };
        }
        let serial = serial(question.attempt);
        let ask = Ask {
            id_card: question.number.as_str(),
            name: question.name.as_str(),
            image_base64,
            extra: &serial,
        };
        let answer = match self.product.call::<Told>(ACTION, &ask).await {
            Ok(told) => judge(told, &serial, self.threshold),
            Err(CallError::Vendor { code, request_id }) => name(code, None, request_id.unwrap_or_default()),
            Err(error) => Answer::AskAgain { code: error.code() },
        };
        tracing::debug!(attempt = %question.attempt, kind = kind_of(&answer), "the identity platform answered");
        answer
    }
}

fn kind_of(answer: &Answer) -> &'static str {
    match answer {
        Answer::Confirmed { .. } => "confirmed",
        Answer::SaysNo { .. } => "says_no",
        Answer::PictureUnusable { .. } => "picture_unusable",
        Answer::CannotVerify { .. } => "cannot_verify",
        Answer::AskAgain { .. } => "ask_again",
        Answer::Misconfigured { .. } => "misconfigured",
    }
}

fn judge(told: Told, serial: &str, threshold: f32) -> Answer {
    let again = |code: &str| Answer::AskAgain { code: code.to_owned() };
    if told.extra.as_deref().is_some_and(|extra| !extra.is_empty() && extra != serial) {
        return again("answer.of_another_question");
    }
    if !looks_like_code(&told.result) || told.request_id.is_empty() {
        return again("answer.malformed");
    }
    if told.result != "Success" {
        return name(told.result, told.sim.filter(|sim| (0.0..=100.0).contains(sim)), told.request_id);
    }
    match told.sim {
        Some(sim) if !(0.0..=100.0).contains(&sim) => again("answer.malformed"),
        Some(sim) if sim >= threshold => Answer::Confirmed { similarity: sim, request_id: told.request_id },
        Some(sim) => Answer::SaysNo {
            similarity: Some(sim),
            code: BELOW_THRESHOLD.into(),
            request_id: told.request_id,
        },
        None => again("answer.malformed"),
    }
}

fn name(code: String, similarity: Option<f32>, request_id: String) -> Answer {
    match sort(&code) {
        Kind::SaysNo => Answer::SaysNo { similarity, code, request_id },
        Kind::PictureUnusable => Answer::PictureUnusable { code },
        Kind::CannotVerify => Answer::CannotVerify { code },
        Kind::AskAgain => Answer::AskAgain { code },
        Kind::Misconfigured => Answer::Misconfigured { code },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(result: &str, sim: Option<f32>) -> Told {
        Told { sim, result: result.into(), extra: Some("0123456789".into()), request_id: "r".into() }
    }

    fn judged(result: &str, sim: Option<f32>) -> Answer {
        judge(told(result, sim), "0123456789", 70.0)
    }

    #[test]
    fn the_threshold_itself_is_a_match() {
        assert!(matches!(judged("Success", Some(70.0)), Answer::Confirmed { .. }));
        assert!(matches!(judged("Success", Some(69.99)), Answer::SaysNo { .. }));
    }

    #[test]
    fn what_the_platform_refused_is_never_confirmed() {
        assert!(judged("FailedOperation.CompareLowSimilarity", Some(99.0)).is_attempt());
        assert!(judged("FailedOperation.IdNameMisMatch", Some(0.0)).is_attempt());
    }

    #[test]
    fn an_answer_to_another_question_is_asked_again() {
        let answer = judge(told("Success", Some(90.0)), "ABCDEFGHJK", 70.0);
        assert_eq!(answer, Answer::AskAgain { code: "answer.of_another_question".into() });
    }

    #[test]
    fn a_similarity_that_is_none_is_asked_again() {
        for sim in [None, Some(f32::NAN), Some(-1.0), Some(100.1)] {
            assert!(matches!(judged("Success", sim), Answer::AskAgain { .. }));
        }
    }

    proptest! {
        #[test]
        fn an_attempt_keeps_its_serial(bytes in any::<[u8; 16]>(), others in any::<[u8; 16]>()) {
            let (one, other) = (Uuid::from_bytes(bytes), Uuid::from_bytes(others));
            prop_assert_eq!(serial(one).len(), 10);
            prop_assert_eq!(serial(one), serial(one));
            prop_assert_eq!(serial(one) == serial(other), one == other);
        }

        #[test]
        fn a_foreign_result_never_counts(result in "\\PC{0,40}", sim in any::<Option<f32>>()) {
            prop_assume!(result != "Success" && sort(&result) != Kind::SaysNo);
            prop_assert!(!judged(&result, sim).is_attempt());
        }
    }
}
