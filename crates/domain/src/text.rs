//! A message in both of the product's languages.

use serde::{Deserialize, Serialize};

/// The same message in Simplified Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// Simplified Chinese, what candidates see first.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Pairs the two wordings.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text { zh: zh.into(), en: en.into() }
    }
}
