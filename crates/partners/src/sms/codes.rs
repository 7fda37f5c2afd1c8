//! The SMS vendor's documented codes, sorted by who can do something about them.
//!
//! Source: `errorcodes.py` of the vendor's SDK for sms 2021-01-11, those that sending can meet. An unknown code may be asked again.

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The number cannot be reached.
    NumberRefused,
    /// Too many messages to this number for now.
    TooMany,
    /// May be asked again.
    AskAgain,
    /// The operator must mend something.
    Misconfigured,
}

use Kind::{AskAgain, Misconfigured, NumberRefused, TooMany};

const TABLE: &[(&str, Kind)] = &[
    ("FailedOperation.PhoneNumberInBlacklist", NumberRefused),
    ("FailedOperation.PhoneNumberParseFail", NumberRefused),
    ("InvalidParameterValue.IncorrectPhoneNumber", NumberRefused),
    ("LimitExceeded.PhoneNumberDailyLimit", TooMany),
    ("LimitExceeded.PhoneNumberOneHourLimit", TooMany),
    ("LimitExceeded.PhoneNumberSameContentDailyLimit", TooMany),
    ("LimitExceeded.PhoneNumberThirtySecondLimit", TooMany),
    ("LimitExceeded.DeliveryFrequencyLimit", TooMany),
    ("FailedOperation.FailResolvePacket", AskAgain),
    ("FailedOperation.JsonParseFail", AskAgain),
    ("FailedOperation.OtherError", AskAgain),
    ("InternalError.JsonParseFail", AskAgain),
    ("InternalError.OtherError", AskAgain),
    ("InternalError.ParseBackendResponseFail", AskAgain),
    ("InternalError.SendAndRecvFail", AskAgain),
    ("InternalError.Timeout", AskAgain),
    ("InternalError.UnknownError", AskAgain),
    ("RequestLimitExceeded", AskAgain),
    ("FailedOperation.ContainSensitiveWord", Misconfigured),
    ("FailedOperation.InsufficientBalanceInSmsPackage", Misconfigured),
    ("FailedOperation.ParametersOtherError", Misconfigured),
    ("FailedOperation.SignatureIncorrectOrUnapproved", Misconfigured),
    ("FailedOperation.TemplateIncorrectOrUnapproved", Misconfigured),
    ("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", Misconfigured),
    ("FailedOperation.TemplateUnapprovedOrNotExist", Misconfigured),
    ("InternalError.RequestTimeException", Misconfigured),
    ("InternalError.RestApiInterfaceNotExist", Misconfigured),
    ("InternalError.SigFieldMissing", Misconfigured),
    ("InternalError.SigVerificationFail", Misconfigured),
    ("LimitExceeded.AppDailyLimit", Misconfigured),
    ("LimitExceeded.AppMainlandChinaDailyLimit", Misconfigured),
    ("LimitExceeded.DailyLimit", Misconfigured),
    ("LimitExceeded.PhoneNumberCountLimit", Misconfigured),
];

/// Families whose every other member means the same.
const FAMILIES: &[&str] = &[
    "AuthFailure",
    "InvalidAction",
    "InvalidParameter",
    "InvalidParameterValue",
    "MissingParameter",
    "UnauthorizedOperation",
    "UnsupportedOperation",
    "UnsupportedRegion",
];

/// What a code means.
pub fn sort(code: &str) -> Kind {
    if let Some((_, kind)) = TABLE.iter().find(|(known, _)| *known == code) {
        return *kind;
    }
    let family = code.split_once('.').map_or(code, |(family, _)| family);
    if FAMILIES.contains(&family) { Misconfigured } else { AskAgain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_blamed_only_by_its_own_codes() {
        assert_eq!(sort("InvalidParameterValue.IncorrectPhoneNumber"), NumberRefused);
        assert_eq!(sort("InvalidParameterValue.SdkAppIdNotExist"), Misconfigured);
        assert_eq!(sort("LimitExceeded.SomethingNew"), AskAgain);
        assert_eq!(sort(""), AskAgain);
    }
}
