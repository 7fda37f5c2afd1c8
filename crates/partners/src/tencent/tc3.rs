//! TC3-HMAC-SHA256, the vendor's request signature: signing for the clients, verifying for whoever plays the vendor.
//!
//! Follows "Signature v3" of the vendor's API 3.0 documents for POST requests with a JSON body.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Secret, tencent::Credentials};

const ALGORITHM: &str = "TC3-HMAC-SHA256";

/// Seconds that a request's clock may differ from the verifier's.
pub const CLOCK_WINDOW_SECONDS: i64 = 300;

/// What is signed of a POST to `/`.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The product, such as `faceid`.
    pub service: &'a str,
    /// `X-TC-Timestamp`, in seconds since 1970.
    pub timestamp: i64,
    /// The signed headers, names in lower case, ascending; `content-type` and `host` among them.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body as sent.
    pub body: &'a [u8],
}

/// Why a request's signature does not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Tc3Error {
    /// The `Authorization` header is missing or not of this algorithm's form.
    #[error("the Authorization header is malformed")]
    InvalidAuthorization,
    /// The clock differs by more than [`CLOCK_WINDOW_SECONDS`], or the scope's date is another day.
    #[error("the signature has expired")]
    SignatureExpire,
    /// Nobody has this `SecretId`.
    #[error("the SecretId is unknown")]
    SecretIdNotFound,
    /// The signature is not that of this request.
    #[error("the signature does not fit")]
    SignatureFailure,
}

impl Tc3Error {
    /// The vendor's documented error code.
    pub fn vendor_code(self) -> &'static str {
        match self {
            Tc3Error::InvalidAuthorization => "AuthFailure.InvalidAuthorization",
            Tc3Error::SignatureExpire => "AuthFailure.SignatureExpire",
            Tc3Error::SecretIdNotFound => "AuthFailure.SecretIdNotFound",
            Tc3Error::SignatureFailure => "AuthFailure.SignatureFailure",
        }
    }
}

/// The value of the `Authorization` header.
pub fn sign(credentials: &Credentials, request: &Request<'_>) -> String {
    let date = date_of(request.timestamp);
    let signature = hex::encode(signature(&credentials.secret_key, &date, request));
    format!(
        "{ALGORITHM} Credential={}/{date}/{}/tc3_request, SignedHeaders={}, Signature={signature}",
        credentials.secret_id,
        request.service,
        signed_headers(request.headers),
    )
}

/// Verifies a request as the vendor does and tells its `SecretId`.
///
/// `header` looks a header up by its lower-case name; `secret_key` finds the key of a `SecretId`; `now` is in seconds since 1970.
///
/// # Errors
/// [`Tc3Error`] names the first rule broken.
pub fn verify(
    service: &str,
    header: impl Fn(&str) -> Option<String>,
    body: &[u8],
    now: i64,
    secret_key: impl Fn(&str) -> Option<Secret>,
) -> Result<String, Tc3Error> {
    let authorization = header("authorization").ok_or(Tc3Error::InvalidAuthorization)?;
    let parts = Parts::parse(&authorization).ok_or(Tc3Error::InvalidAuthorization)?;
    if parts.service != service {
        return Err(Tc3Error::InvalidAuthorization);
    }
    let timestamp: i64 =
        header("x-tc-timestamp").and_then(|t| t.parse().ok()).ok_or(Tc3Error::InvalidAuthorization)?;
    if (now - timestamp).abs() > CLOCK_WINDOW_SECONDS || parts.date != date_of(timestamp) {
        return Err(Tc3Error::SignatureExpire);
    }
    let names: Vec<&str> = parts.signed_headers.split(';').collect();
    let ascending = names.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascending || !names.contains(&"content-type") || !names.contains(&"host") {
        return Err(Tc3Error::InvalidAuthorization);
    }
    let values: Vec<String> =
        names.iter().map(|name| header(name)).collect::<Option<_>>().ok_or(Tc3Error::InvalidAuthorization)?;
    let headers: Vec<(&str, &str)> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
    let key = secret_key(parts.secret_id).ok_or(Tc3Error::SecretIdNotFound)?;
    let expected = signature(&key, parts.date, &Request { service, timestamp, headers: &headers, body });
    let given = hex::decode(parts.signature).map_err(|_| Tc3Error::InvalidAuthorization)?;
    if bool::from(expected.as_slice().ct_eq(&given)) {
        Ok(parts.secret_id.to_owned())
    } else {
        Err(Tc3Error::SignatureFailure)
    }
}

struct Parts<'a> {
    secret_id: &'a str,
    date: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl Parts<'_> {
    fn parse(authorization: &str) -> Option<Parts<'_>> {
        let fields = authorization.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
        let mut fields = fields.split(',').map(str::trim);
        let mut scope = fields.next()?.strip_prefix("Credential=")?.split('/');
        let signed_headers = fields.next()?.strip_prefix("SignedHeaders=")?;
        let signature = fields.next()?.strip_prefix("Signature=")?;
        let parts = Parts {
            secret_id: scope.next()?,
            date: scope.next()?,
            service: scope.next()?,
            signed_headers,
            signature,
        };
        (scope.next() == Some("tc3_request") && scope.next().is_none() && fields.next().is_none())
            .then_some(parts)
    }
}

fn date_of(timestamp: i64) -> String {
    jiff::Timestamp::from_second(timestamp).unwrap_or_default().strftime("%Y-%m-%d").to_string()
}

fn signed_headers(headers: &[(&str, &str)]) -> String {
    headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";")
}

fn canonical_request(request: &Request<'_>) -> String {
    let headers: String = request
        .headers
        .iter()
        .map(|(name, value)| format!("{name}:{}\n", value.trim().to_lowercase()))
        .collect();
    format!(
        "POST\n/\n\n{headers}\n{}\n{}",
        signed_headers(request.headers),
        hex::encode(Sha256::digest(request.body))
    )
}

fn signature(key: &Secret, date: &str, request: &Request<'_>) -> Vec<u8> {
    let string_to_sign = format!(
        "{ALGORITHM}\n{}\n{date}/{}/tc3_request\n{}",
        request.timestamp,
        request.service,
        hex::encode(Sha256::digest(canonical_request(request))),
    );
    let date_key = hmac_sha256(format!("TC3{}", key.expose()).as_bytes(), date.as_bytes());
    let service_key = hmac_sha256(&date_key, request.service.as_bytes());
    let signing_key = hmac_sha256(&service_key, b"tc3_request");
    hmac_sha256(&signing_key, string_to_sign.as_bytes())
}

/// HMAC-SHA256, 32 bytes.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The vendor's published example: `DescribeInstances` of 2019-02-25.
    const BODY: &[u8] =
        br#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
    const HEADERS: [(&str, &str); 2] =
        [("content-type", "application/json; charset=utf-8"), ("host", "cvm.tencentcloudapi.com")];
    const TIMESTAMP: i64 = 1_551_113_065;

    fn published() -> (Credentials, Request<'static>) {
        let credentials = Credentials {
            secret_id: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE".into(),
            secret_key: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE".into(),
        };
        (credentials, Request { service: "cvm", timestamp: TIMESTAMP, headers: &HEADERS, body: BODY })
    }

    #[test]
    fn the_published_example_is_signed_as_published() {
        let (credentials, request) = published();
        assert_eq!(
            hex::encode(Sha256::digest(BODY)),
            "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"
        );
        assert_eq!(
            hex::encode(Sha256::digest(canonical_request(&request))),
            "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031"
        );
        assert_eq!(
            sign(&credentials, &request),
            "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, \
             SignedHeaders=content-type;host, \
             Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
        );
    }

    fn verdict(change: impl Fn(&str, String) -> String, body: &[u8], now: i64) -> Result<String, Tc3Error> {
        let (credentials, request) = published();
        let authorization = sign(&credentials, &request);
        let header = |name: &str| {
            let value = match name {
                "authorization" => authorization.clone(),
                "x-tc-timestamp" => TIMESTAMP.to_string(),
                name => HEADERS.iter().find(|(n, _)| *n == name)?.1.to_owned(),
            };
            Some(change(name, value))
        };
        verify("cvm", header, body, now, |id| {
            (id == credentials.secret_id).then(|| credentials.secret_key.clone())
        })
    }

    #[test]
    fn what_was_signed_is_verified() {
        assert_eq!(verdict(|_, v| v, BODY, TIMESTAMP + 299).unwrap(), published().0.secret_id);
    }

    #[test]
    fn a_changed_body_or_header_is_refused() {
        assert_eq!(verdict(|_, v| v, b"{}", TIMESTAMP), Err(Tc3Error::SignatureFailure));
        let other_host = |name: &str, v| if name == "host" { "elsewhere".to_owned() } else { v };
        assert_eq!(verdict(other_host, BODY, TIMESTAMP), Err(Tc3Error::SignatureFailure));
    }

    #[test]
    fn an_old_request_is_refused() {
        assert_eq!(verdict(|_, v| v, BODY, TIMESTAMP + 301), Err(Tc3Error::SignatureExpire));
        assert_eq!(verdict(|_, v| v, BODY, TIMESTAMP - 301), Err(Tc3Error::SignatureExpire));
    }

    #[test]
    fn another_caller_or_another_form_is_refused() {
        let stranger = |_: &str, v: String| v.replace("AKIDz8", "AKIDz9");
        assert_eq!(verdict(stranger, BODY, TIMESTAMP), Err(Tc3Error::SecretIdNotFound));
        for part in ["Credential=", "SignedHeaders=content-type;", "tc3_request", "TC3-HMAC-SHA256 "] {
            let cut = |_: &str, v: String| v.replace(part, "");
            assert_eq!(verdict(cut, BODY, TIMESTAMP), Err(Tc3Error::InvalidAuthorization), "{part}");
        }
    }
}
