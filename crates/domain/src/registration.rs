//! What the registration system holds of a candidate.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Ethnicity, IdNumber, PersonName, PhoneNumber};

/// Level of study (层次), as the registration names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Level {
    /// 高起专
    #[serde(rename = "高起专")]
    ToJuniorCollege,
    /// 高起本
    #[serde(rename = "高起本")]
    ToBachelor,
    /// 专升本
    #[serde(rename = "专升本")]
    JuniorCollegeToBachelor,
}

impl Level {
    /// All levels.
    pub const ALL: [Level; 3] = [Level::ToJuniorCollege, Level::ToBachelor, Level::JuniorCollegeToBachelor];

    /// The level's name.
    pub fn label(self) -> &'static str {
        match self {
            Level::ToJuniorCollege => "高起专",
            Level::ToBachelor => "高起本",
            Level::JuniorCollegeToBachelor => "专升本",
        }
    }

    /// The level of that name.
    pub fn parse(label: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|l| l.label() == label.trim())
    }

    /// Whether a candidate of this level goes on to the prior-degree check (前置学历验证).
    pub fn needs_prior_degree_check(self) -> bool {
        self == Level::JuniorCollegeToBachelor
    }
}

/// One candidate's registration in one exam session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The registration system's own key, opaque here.
    pub id: String,
    /// 姓名
    pub name: PersonName,
    /// 身份证号码
    pub number: IdNumber,
    /// 民族; a registration may lack it.
    pub ethnicity: Option<Ethnicity>,
    /// 住址; a registration may lack it.
    pub address: Option<String>,
    /// The phone number given at registration.
    pub phone: PhoneNumber,
    /// 层次
    pub level: Level,
}

/// Name, number and phone mask themselves; the address is left out.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("number", &self.number)
            .field("phone", &self.phone)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}
