//! The 56 ethnicities of GB/T 3304, as cards print them.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Names of GB/T 3304 in the order of their numeric codes 01 to 56, without 族.
pub const NAMES: [&str; 56] = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
];

/// One of the 56 ethnicities.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ethnicity(u8);

/// The text is none of the 56 names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("none of the 56 ethnicities of GB/T 3304")]
pub struct UnknownEthnicity;

impl Ethnicity {
    /// Reads 汉 and 汉族 alike.
    ///
    /// # Errors
    /// [`UnknownEthnicity`] for anything but the 56 names.
    pub fn parse(text: &str) -> Result<Ethnicity, UnknownEthnicity> {
        let folded: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
        let name = folded.strip_suffix('族').unwrap_or(&folded);
        let at = NAMES.iter().position(|n| *n == name).ok_or(UnknownEthnicity)?;
        Ok(Ethnicity(at as u8))
    }

    /// As the card prints it, without 族.
    pub fn name(self) -> &'static str {
        NAMES[self.0 as usize]
    }

    /// The numeric code of GB/T 3304, 1 to 56.
    pub fn code(self) -> u8 {
        self.0 + 1
    }
}

impl fmt::Debug for Ethnicity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ethnicity(*)")
    }
}

impl TryFrom<String> for Ethnicity {
    type Error = UnknownEthnicity;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        Ethnicity::parse(&s)
    }
}

impl From<Ethnicity> for String {
    fn from(e: Ethnicity) -> String {
        e.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_of_the_56_is_read_with_and_without_its_suffix() {
        for (i, name) in NAMES.iter().enumerate() {
            assert_eq!(Ethnicity::parse(name).unwrap().code() as usize, i + 1);
            assert_eq!(Ethnicity::parse(&format!("{name}族")).unwrap().name(), *name);
        }
    }

    #[test]
    fn another_word_is_none_of_them() {
        assert_eq!(Ethnicity::parse("漢"), Err(UnknownEthnicity));
        assert_eq!(Ethnicity::parse(""), Err(UnknownEthnicity));
    }
}
