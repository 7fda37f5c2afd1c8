//! The platform's documented codes, sorted by what they mean for the candidate.
//!
//! Source: `errorcodes.py` of the vendor's SDK for faceid 2018-03-01 and the common error codes of API 3.0. A code that the
//! table does not know is [`Kind::AskAgain`]: an unknown word never counts against a candidate.

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The photo is not this person, or name and number do not belong together.
    SaysNo,
    /// The picture cannot be used.
    PictureUnusable,
    /// The platform cannot verify this person, whatever the picture.
    CannotVerify,
    /// May be asked again.
    AskAgain,
    /// The operator must mend something.
    Misconfigured,
}

use Kind::{AskAgain, CannotVerify, Misconfigured, PictureUnusable, SaysNo};

const TABLE: &[(&str, Kind)] = &[
    ("FailedOperation.CompareLowSimilarity", SaysNo),
    ("FailedOperation.IdNameMisMatch", SaysNo),
    ("FailedOperation.CoveredFace", PictureUnusable),
    ("FailedOperation.EmptyImageError", PictureUnusable),
    ("FailedOperation.ImageBlur", PictureUnusable),
    ("FailedOperation.ImageDecodeFailed", PictureUnusable),
    ("FailedOperation.ImageSizeTooLarge", PictureUnusable),
    ("FailedOperation.IncompleteFace", PictureUnusable),
    ("FailedOperation.LifePhotoDetectFaces", PictureUnusable),
    ("FailedOperation.LifePhotoDetectFake", PictureUnusable),
    ("FailedOperation.LifePhotoDetectNoFaces", PictureUnusable),
    ("FailedOperation.LifePhotoPoorQuality", PictureUnusable),
    ("FailedOperation.LifePhotoSizeError", PictureUnusable),
    ("FailedOperation.PoorImageQuality", PictureUnusable),
    ("FailedOperation.IdFormatError", CannotVerify),
    ("FailedOperation.IdNoExistSystem", CannotVerify),
    ("FailedOperation.IdPhotoNoExist", CannotVerify),
    ("FailedOperation.IdPhotoPoorQuality", CannotVerify),
    ("FailedOperation.NameFormatError", CannotVerify),
    ("FailedOperation.CompareFail", AskAgain),
    ("FailedOperation.CompareLibServiceUnavailable", AskAgain),
    ("FailedOperation.CompareSystemError", AskAgain),
    ("FailedOperation.DbError", AskAgain),
    ("FailedOperation.DetectEngineSystemError", AskAgain),
    ("FailedOperation.DownLoadError", AskAgain),
    ("FailedOperation.DownLoadTimeoutError", AskAgain),
    ("FailedOperation.FileSaveError", AskAgain),
    ("FailedOperation.IdPhotoSystemNoanswer", AskAgain),
    ("FailedOperation.IdentityAuthLimitExceeded", AskAgain),
    ("FailedOperation.RequestLimitExceeded", AskAgain),
    ("FailedOperation.UnKnown", AskAgain),
    ("InternalError", AskAgain),
    ("InternalError.UnKnown", AskAgain),
    ("RequestLimitExceeded", AskAgain),
    ("LimitExceeded", AskAgain),
    ("ResourceUnavailable", AskAgain),
    ("ServiceUnavailable", AskAgain),
    ("FailedOperation.DecryptSystemError", Misconfigured),
    ("FailedOperation.EncryptSystemError", Misconfigured),
    ("FailedOperation.StsUnAuthErrError", Misconfigured),
    ("InternalError.EncryptSystemError", Misconfigured),
    ("InvalidAction", Misconfigured),
    ("InvalidParameter", Misconfigured),
    ("InvalidParameter.UnsupportEncryptField", Misconfigured),
    ("InvalidParameterValue", Misconfigured),
    ("IpInBlacklist", Misconfigured),
    ("IpNotInWhitelist", Misconfigured),
    ("NoSuchProduct", Misconfigured),
    ("NoSuchVersion", Misconfigured),
    ("RequestSizeLimitExceeded", Misconfigured),
    ("UnknownParameter", Misconfigured),
    ("UnsupportedOperation", Misconfigured),
    ("UnsupportedProtocol", Misconfigured),
    ("UnsupportedRegion", Misconfigured),
];

/// Families whose every member means the same.
const FAMILIES: &[(&str, Kind)] = &[
    ("AuthFailure", Misconfigured),
    ("MissingParameter", Misconfigured),
    ("UnauthorizedOperation", Misconfigured),
];

/// What a code means, be it from the error envelope or from `Result`.
pub fn sort(code: &str) -> Kind {
    if let Some((_, kind)) = TABLE.iter().find(|(known, _)| *known == code) {
        return *kind;
    }
    let family = code.split_once('.').map_or(code, |(family, _)| family);
    FAMILIES.iter().find(|(known, _)| *known == family).map_or(AskAgain, |(_, kind)| *kind)
}

/// Whether a code that may be asked again is about this one person (a daily limit), and so says nothing about the platform's health.
pub fn concerns_one_person(code: &str) -> bool {
    code == "FailedOperation.IdentityAuthLimitExceeded"
}

/// Every documented code with its meaning, families without their members.
pub fn documented_codes() -> impl Iterator<Item = (&'static str, Kind)> {
    TABLE.iter().chain(FAMILIES).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_code_is_sorted_once() {
        let mut seen = HashSet::new();
        for (code, _) in documented_codes() {
            assert!(seen.insert(code), "{code} is sorted twice");
        }
    }

    #[test]
    fn only_two_codes_count_as_an_attempt() {
        let no: Vec<_> =
            documented_codes().filter(|(_, kind)| *kind == SaysNo).map(|(code, _)| code).collect();
        assert_eq!(no, ["FailedOperation.CompareLowSimilarity", "FailedOperation.IdNameMisMatch"]);
    }

    #[test]
    fn a_family_covers_members_yet_unheard_of() {
        assert_eq!(sort("AuthFailure.SignatureFailure"), Misconfigured);
        assert_eq!(sort("UnauthorizedOperation.Arrears"), Misconfigured);
        assert_eq!(sort("AuthFailureX.Y"), AskAgain);
    }

    proptest! {
        #[test]
        fn an_unknown_code_is_asked_again(code in "[A-Za-z.]{0,60}") {
            let family = code.split('.').next().unwrap_or("");
            prop_assume!(!documented_codes().any(|(known, _)| known == code || known == family));
            prop_assert_eq!(sort(&code), AskAgain);
        }

        #[test]
        fn a_misspelt_refusal_is_no_refusal(at in 0usize..30, letter in "[a-z]") {
            for code in ["FailedOperation.CompareLowSimilarity", "FailedOperation.IdNameMisMatch"] {
                let mut other = code.to_owned();
                other.replace_range(at..=at, &letter);
                prop_assume!(other != code);
                prop_assert_eq!(sort(&other), AskAgain);
            }
        }

        #[test]
        fn any_text_is_sorted(text in "\\PC{0,60}") {
            let _ = sort(&text);
        }
    }
}
