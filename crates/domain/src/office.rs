//! Who may do what at the office (成招办): roles, the deeds that they allow, and the rules for accounts and passwords.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Text;

/// What a person of the office is, each allowed all that those before it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 查看人员: looks, masked, and changes nothing.
    Viewer,
    /// 工作人员: does the day's work.
    Registrar,
    /// 负责人: sets up exam sessions, is the second pair of eyes.
    Supervisor,
    /// 管理员: says who works here.
    Administrator,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Registrar, Role::Supervisor, Role::Administrator];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Registrar => "registrar",
            Role::Supervisor => "supervisor",
            Role::Administrator => "administrator",
        }
    }

    /// The role of that stable name.
    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether it allows a deed.
    pub fn may(self, deed: Deed) -> bool {
        self >= deed.least()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! deeds {
    ($($(#[$meta:meta])* $deed:ident = $name:literal, $least:ident;)+) => {
        /// Something that is done in the console, and stands in the audit log under its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Deed { $($(#[$meta])* $deed,)+ }

        impl Deed {
            /// Every deed.
            pub const ALL: &[Deed] = &[$(Deed::$deed,)+];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Deed::$deed => $name,)+ }
            }

            /// The least role that allows it.
            pub fn least(self) -> Role {
                match self { $(Deed::$deed => Role::$least,)+ }
            }
        }
    };
}

deeds! {
    /// Signing in.
    SignIn = "sign_in", Viewer;
    /// Signing out.
    SignOut = "sign_out", Viewer;
    /// Another password for oneself.
    ChangePassword = "change_password", Viewer;
    /// Looking at exam sessions.
    SeeExams = "see_exams", Viewer;
    /// Looking at candidates and their stories, masked.
    SeeCandidates = "see_candidates", Viewer;
    /// Looking at the numbers of an exam session.
    SeeNumbers = "see_numbers", Viewer;
    /// Seeing name, number, phone and address of one candidate in full.
    Unmask = "unmask", Registrar;
    /// Looking at a picture of one candidate.
    SeePicture = "see_picture", Registrar;
    /// Correcting a registration of the built-in roster.
    CorrectRegistration = "correct_registration", Registrar;
    /// Reopening a collection that has failed.
    Reopen = "reopen", Registrar;
    /// Completing a collection without the face comparison.
    CompleteAtDesk = "complete_at_desk", Registrar;
    /// Taking a card or a photo back for a new one.
    TakeBack = "take_back", Registrar;
    /// Delivering a completed collection to the registration system once more.
    Redeliver = "redeliver", Registrar;
    /// Passing or refusing a photo that waits for a registrar's eye.
    ReviewPhoto = "review_photo", Registrar;
    /// Capturing card and portrait at the desk for a candidate.
    CaptureAtDesk = "capture_at_desk", Registrar;
    /// Importing a roster.
    ImportRoster = "import_roster", Registrar;
    /// Exporting the roster.
    ExportRoster = "export_roster", Registrar;
    /// Exporting ID photos.
    ExportPhotos = "export_photos", Registrar;
    /// Reading the audit log.
    SeeAudit = "see_audit", Registrar;
    /// Proving the audit log unbroken.
    VerifyAudit = "verify_audit", Registrar;
    /// Making, changing, opening and closing exam sessions.
    SetExam = "set_exam", Supervisor;
    /// Copying out all that is kept of one candidate, at their request.
    CopyCandidate = "copy_candidate", Supervisor;
    /// Deleting all that is kept of one candidate, at their request.
    DeleteCandidate = "delete_candidate", Supervisor;
    /// Deleting what is past its time; the worker does it.
    Sweep = "sweep", Administrator;
    /// Seeing who works here.
    SeeStaff = "see_staff", Administrator;
    /// A new account.
    AddStaff = "add_staff", Administrator;
    /// Another role for an account, or an end to it.
    ChangeStaff = "change_staff", Administrator;
    /// A new password and a new second factor for an account.
    ResetStaff = "reset_staff", Administrator;
}

/// An account's name: 2 to 32 lower-case letters, digits, dots, hyphens and underscores, a letter first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Account(String);

impl Account {
    /// Reads a name; letters are folded to lower case.
    pub fn parse(text: &str) -> Option<Account> {
        let name = text.trim().to_ascii_lowercase();
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
        let begins = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        ((2..=32).contains(&name.len()) && plain && begins).then_some(Account(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a password will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than [`PASSWORD_LENGTH`] characters.
    #[error("the password is too short")]
    Short,
    /// More than [`PASSWORD_LONGEST`] characters.
    #[error("the password is too long")]
    Long,
    /// Fewer than three of the four kinds of characters.
    #[error("the password has too few kinds of characters")]
    Plain,
    /// The account's name, or what everybody tries first, is in it.
    #[error("the password is easily guessed")]
    Guessable,
}

/// Fewest and most characters of a password.
pub const PASSWORD_LENGTH: usize = 10;
/// Most characters of a password.
pub const PASSWORD_LONGEST: usize = 128;
/// What everybody tries first.
const GUESSED_FIRST: [&str; 12] = [
    "password", "passw0rd", "p@ssw0rd", "qwerty", "1qaz2wsx", "admin", "zhaoyan", "123456", "654321",
    "abc123", "111111", "letmein",
];

/// Holds a password against the rule: [`PASSWORD_LENGTH`] characters or more, three kinds of lower-case and upper-case letters, digits and
/// others (level-3 protection asks for complexity, GB/T 22239-2019, 8.1.4.1), neither the account's name nor what everybody tries first in
/// it. It is never trimmed or folded.
///
/// # Errors
/// [`WeakPassword`] says why it will not do.
pub fn password_will_do(password: &str, account: &Account) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < PASSWORD_LENGTH {
        return Err(WeakPassword::Short);
    }
    if length > PASSWORD_LONGEST {
        return Err(WeakPassword::Long);
    }
    let has = |kind: fn(char) -> bool| usize::from(password.chars().any(kind));
    let other = |c: char| !c.is_ascii_alphanumeric();
    let kinds = has(|c| c.is_ascii_lowercase())
        + has(|c| c.is_ascii_uppercase())
        + has(|c| c.is_ascii_digit())
        + has(other);
    if kinds < 3 {
        return Err(WeakPassword::Plain);
    }
    let folded = password.to_lowercase();
    if folded.contains(account.as_str()) || GUESSED_FIRST.iter().any(|guess| folded.contains(guess)) {
        return Err(WeakPassword::Guessable);
    }
    Ok(())
}

impl WeakPassword {
    /// What to do about it.
    pub fn advice(self) -> Text {
        match self {
            WeakPassword::Short => Text::new(
                format!("密码至少要有 {PASSWORD_LENGTH} 个字符，请换一个更长的密码。"),
                format!("A password needs {PASSWORD_LENGTH} characters at least. Choose a longer one."),
            ),
            WeakPassword::Long => Text::new(
                format!("密码最多 {PASSWORD_LONGEST} 个字符，请换一个短一些的密码。"),
                format!("A password has {PASSWORD_LONGEST} characters at most. Choose a shorter one."),
            ),
            WeakPassword::Plain => Text::new(
                "密码要包含小写字母、大写字母、数字、其他符号中的至少三种。",
                "A password needs at least three of lower-case letters, capitals, digits and other signs.",
            ),
            WeakPassword::Guessable => Text::new(
                "密码里含有账号名或最常见的密码，太容易被猜到，请换一个。",
                "The password holds the account's name or one of the commonest passwords. Choose one that is harder to guess.",
            ),
        }
    }
}

/// So many wrong passwords or codes in a row lock an account,
pub const WRONG_IN_A_ROW: u32 = 5;
/// for so many minutes.
pub const LOCKED_MINUTES: u32 = 15;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_role_may_what_those_below_it_may() {
        for deed in Deed::ALL {
            let allowed: Vec<bool> = Role::ALL.iter().map(|role| role.may(*deed)).collect();
            assert!(allowed.is_sorted(), "{}", deed.name());
            assert!(Role::Administrator.may(*deed));
        }
        // Whoever only looks changes nothing but their own password.
        let changes =
            Deed::ALL.iter().filter(|d| Role::Viewer.may(**d)).map(|d| d.name()).collect::<Vec<_>>();
        assert_eq!(
            changes,
            ["sign_in", "sign_out", "change_password", "see_exams", "see_candidates", "see_numbers"]
        );
    }

    #[test]
    fn names_of_roles_and_deeds_are_told_apart() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        let names: std::collections::BTreeSet<&str> = Deed::ALL.iter().map(|d| d.name()).collect();
        assert_eq!(names.len(), Deed::ALL.len());
    }

    #[test]
    fn an_account_is_a_plain_short_name() {
        assert_eq!(Account::parse(" Li.Ming ").unwrap().as_str(), "li.ming");
        for wrong in ["", "a", "1st", "李明", "a b", "-a", &"a".repeat(33)] {
            assert_eq!(Account::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_password_is_long_mixed_and_not_guessed_first() {
        let account = Account::parse("liming").unwrap();
        let told = |password: &str| password_will_do(password, &account);
        assert_eq!(told("Rain-on-7-roofs"), Ok(()));
        assert_eq!(told("雨落在七座屋顶上aB"), Ok(()));
        assert_eq!(told("Rain-on-7"), Err(WeakPassword::Short));
        assert_eq!(told(&format!("Aa1{}", "x".repeat(126))), Err(WeakPassword::Long));
        assert_eq!(told("rainonsevenroofs7"), Err(WeakPassword::Plain));
        assert_eq!(told("Liming-2026-roof"), Err(WeakPassword::Guessable));
        assert_eq!(told("P@ssw0rd-2026"), Err(WeakPassword::Guessable));
    }
}
