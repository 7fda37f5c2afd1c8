//! `ImageRecognitionV2` of version 2018-03-01.

use base64::{Engine, prelude::BASE64_STANDARD};
use partners::identity::MAX_ENCODED_PICTURE;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Told, VendorError, parameters};
use crate::{platform::Claim, server::App};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Ask {
    id_card: Option<String>,
    name: Option<String>,
    image_base64: Option<String>,
    #[serde(default)]
    extra: Option<String>,
    #[serde(default)]
    encryption: Option<Value>,
    #[serde(default, rename = "Optional")]
    _optional: Option<String>,
}

/// Longest `Extra`, in characters.
const LONGEST_EXTRA: usize = 10;

pub(crate) async fn recognise(sandbox: &App, body: &[u8]) -> Told {
    let ask: Ask = parameters(body)?;
    let required = |value: Option<String>, name: &str| {
        value.filter(|v| !v.is_empty()).ok_or_else(|| VendorError::missing(name))
    };
    let number = required(ask.id_card, "IdCard")?;
    let name = required(ask.name, "Name")?;
    let encoded = required(ask.image_base64, "ImageBase64")?;
    if ask.encryption.is_some() {
        return Err(VendorError::new("UnsupportedOperation", "The sandbox takes no encrypted fields."));
    }
    let extra = ask.extra.unwrap_or_default();
    if extra.chars().count() > LONGEST_EXTRA {
        return Err(VendorError::new("InvalidParameterValue", "Extra holds at most 10 characters."));
    }
    if encoded.len() > MAX_ENCODED_PICTURE {
        return Err(VendorError::new("FailedOperation.ImageSizeTooLarge", "图片尺寸过大。"));
    }
    let picture = BASE64_STANDARD
        .decode(&encoded)
        .map_err(|_| VendorError::new("FailedOperation.ImageDecodeFailed", "图片解码失败。"))?;
    let claim = Claim { name, number, picture, serial: extra.clone() };
    let verdict = sandbox.platform.judge(&sandbox.candidates, claim).await.map_err(|error| {
        tracing::error!(%error, "the simulated identity platform failed");
        VendorError::new("InternalError", "内部错误。")
    })?;
    Ok(json!({
        // Two decimals, as the vendor's examples have.
        "Sim": (f64::from(verdict.similarity) * 100.0).round() / 100.0,
        "Result": verdict.result,
        "Description": verdict.description,
        "Extra": extra,
    }))
}
