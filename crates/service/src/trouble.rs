//! What can stand against a request: a stable code, and what happened, what is safe and what to do, in both languages.

use domain::{
    Refusal, Text,
    office::{LOCKED_MINUTES, WRONG_IN_A_ROW, WeakPassword},
};

/// Why a request is refused. The HTTP status is the server's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Not JSON, a missing part, a wrong shape.
    MalformedRequest,
    /// Not said to be JSON.
    NotJson,
    /// Not an eleven-digit mobile number.
    PhoneMalformed,
    /// Not six digits.
    CodeMalformed,
    /// A text was not consented to in its current version.
    ConsentMissing,
    /// No token.
    SessionMissing,
    /// A token that is no longer, or never was, valid.
    SessionExpired,
    /// The code is wrong.
    CodeWrong {
        /// Tries left with this code.
        tries_left: u8,
    },
    /// The code is too old, used, or was tried too often.
    CodeExpired,
    /// The code is right, but no registration holds the phone.
    PhoneUnknown {
        /// Whom to ask.
        office_phone: String,
    },
    /// No such path, or no such picture.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The step is not due now.
    OutOfOrder {
        /// Where the collection stands.
        state: &'static str,
    },
    /// Not one Chinese character for each glyph of the name that could not be read.
    NameMalformed,
    /// A character of the name is to be typed first.
    NameUnread,
    /// The registration still differs in name or number.
    StillBlocked {
        /// Whom to call.
        office_phone: String,
    },
    /// Another request of this collection was quicker.
    ChangedMeanwhile,
    /// The collection has completed or failed.
    CollectionEnded {
        /// `completed` or `failed`.
        state: &'static str,
    },
    /// The request's body is larger than any request needs.
    RequestTooLarge,
    /// The request came in too slowly.
    RequestTooSlow,
    /// More than 20 MB.
    PictureTooLarge,
    /// HEIC, HEIF or AVIF.
    PictureHeic,
    /// No JPEG, PNG or WebP.
    PictureUnsupported,
    /// Cut off or damaged.
    PictureBroken,
    /// More than 50 megapixels.
    PictureTooManyPixels,
    /// Too few pixels to be of use.
    PictureTooSmall,
    /// Another code too soon.
    CodeTooSoon {
        /// Seconds to wait.
        after_s: u64,
    },
    /// Too many codes for this phone today.
    CodeTooMany {
        /// Seconds to wait.
        after_s: u64,
    },
    /// Too many requests from this address.
    TooManyRequests {
        /// Seconds to wait.
        after_s: u64,
    },
    /// All pixel workers are taken.
    Busy {
        /// Seconds to wait.
        after_s: u64,
    },
    /// The registration system gives no answer for now.
    RegistrationUnavailable {
        /// Seconds to wait.
        after_s: u64,
    },
    /// No exam session is open.
    NotOpen,
    /// Account, password or code is wrong, or the account is locked.
    SignInWrong,
    /// The role does not allow it.
    NotAllowed,
    /// No reason, or one that is too long.
    ReasonMissing,
    /// A password that will not do.
    PasswordWeak(WeakPassword),
    /// Not an account's name.
    AccountMalformed,
    /// There is such an account already.
    AccountTaken,
    /// Nobody would be left who can say who works here.
    LastAdministrator,
    /// The roster is kept by another system.
    RegistrationElsewhere,
    /// A field of a registration or an exam session is malformed.
    FieldMalformed {
        /// Which.
        field: &'static str,
    },
    /// Another registration holds the phone or the number.
    HeldByAnother,
    /// Whoever passed a photo before does not pass it a second time.
    AnotherMustLook,
    /// Neither CSV nor XLSX.
    RosterKind,
    /// More bytes than a roster may have.
    RosterTooLarge,
    /// A ticket of the desk that is used, too old, or never was.
    TicketSpent,
    /// A ticket for a download that was used, is too old, or never was one.
    DownloadGone,
    /// More rows than are put into a spreadsheet in memory.
    TooManyRows {
        /// Most that are.
        most: u32,
    },
    /// As many downloads as one process makes at once are under way.
    DownloadsBusy {
        /// Seconds to wait.
        after_s: u64,
    },
    /// Our fault. What happened is in the log, under the request's id.
    Internal,
}

impl Trouble {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Trouble::MalformedRequest => "malformed_request",
            Trouble::NotJson => "not_json",
            Trouble::PhoneMalformed => "phone_malformed",
            Trouble::CodeMalformed => "code_malformed",
            Trouble::ConsentMissing => "consent_missing",
            Trouble::SessionMissing => "session_missing",
            Trouble::SessionExpired => "session_expired",
            Trouble::CodeWrong { .. } => "code_wrong",
            Trouble::CodeExpired => "code_expired",
            Trouble::PhoneUnknown { .. } => "phone_unknown",
            Trouble::NotFound => "not_found",
            Trouble::MethodNotAllowed => "method_not_allowed",
            Trouble::OutOfOrder { .. } => "out_of_order",
            Trouble::NameMalformed => "name_malformed",
            Trouble::NameUnread => "name_unread",
            Trouble::StillBlocked { .. } => "still_blocked",
            Trouble::ChangedMeanwhile => "changed_meanwhile",
            Trouble::CollectionEnded { .. } => "collection_ended",
            Trouble::RequestTooLarge => "request_too_large",
            Trouble::RequestTooSlow => "request_too_slow",
            Trouble::PictureTooLarge => "picture_too_large",
            Trouble::PictureHeic => "picture_heic",
            Trouble::PictureUnsupported => "picture_unsupported",
            Trouble::PictureBroken => "picture_broken",
            Trouble::PictureTooManyPixels => "picture_too_many_pixels",
            Trouble::PictureTooSmall => "picture_too_small",
            Trouble::CodeTooSoon { .. } => "code_too_soon",
            Trouble::CodeTooMany { .. } => "code_too_many",
            Trouble::TooManyRequests { .. } => "too_many_requests",
            Trouble::Busy { .. } => "busy",
            Trouble::RegistrationUnavailable { .. } => "registration_unavailable",
            Trouble::NotOpen => "not_open",
            Trouble::SignInWrong => "sign_in_wrong",
            Trouble::NotAllowed => "not_allowed",
            Trouble::ReasonMissing => "reason_missing",
            Trouble::PasswordWeak(_) => "password_weak",
            Trouble::AccountMalformed => "account_malformed",
            Trouble::AccountTaken => "account_taken",
            Trouble::LastAdministrator => "last_administrator",
            Trouble::RegistrationElsewhere => "registration_elsewhere",
            Trouble::FieldMalformed { .. } => "field_malformed",
            Trouble::HeldByAnother => "held_by_another",
            Trouble::AnotherMustLook => "another_must_look",
            Trouble::RosterKind => "roster_kind",
            Trouble::RosterTooLarge => "roster_too_large",
            Trouble::TicketSpent => "ticket_spent",
            Trouble::DownloadGone => "download_gone",
            Trouble::TooManyRows { .. } => "too_many_rows",
            Trouble::DownloadsBusy { .. } => "downloads_busy",
            Trouble::Internal => "internal",
        }
    }

    /// Seconds after which asking again makes sense, where waiting helps.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Trouble::CodeTooSoon { after_s }
            | Trouble::CodeTooMany { after_s }
            | Trouble::TooManyRequests { after_s }
            | Trouble::RegistrationUnavailable { after_s }
            | Trouble::DownloadsBusy { after_s }
            | Trouble::Busy { after_s } => Some(*after_s),
            _ => None,
        }
    }

    /// What happened, what is safe, what to do.
    pub fn message(&self) -> Text {
        match self {
            Trouble::MalformedRequest => Text::new(
                "请求的内容不完整或格式不对，没有做任何改动。请刷新页面后再试。",
                "The request is incomplete or malformed; nothing was changed. Reload the page and try again.",
            ),
            Trouble::NotJson => Text::new(
                "请求没有标明是 JSON，没有做任何改动。请刷新页面后再试。",
                "The request is not said to be JSON; nothing was changed. Reload the page and try again.",
            ),
            Trouble::PhoneMalformed => Text::new(
                "手机号码不对。请输入报名时填写的 11 位手机号码。",
                "This is not a mobile number. Enter the 11 digits that you gave when registering.",
            ),
            Trouble::CodeMalformed => {
                Text::new("验证码是 6 位数字，请重新输入。", "The code has six digits. Enter it again.")
            }
            Trouble::ConsentMissing => Text::new(
                "请先阅读并同意最新版本的协议。如果协议刚刚更新，请刷新页面后重新阅读。",
                "Read and agree to the current version of the texts first. If they have just changed, reload the page.",
            ),
            Trouble::SignInWrong => Text::new(
                format!(
                    "账号、密码或动态码不正确。连续输错 {WRONG_IN_A_ROW} 次，账号会锁定 {LOCKED_MINUTES} 分钟；动态码用过一次后要等下一个。"
                ),
                format!(
                    "Account, password or code is wrong. {WRONG_IN_A_ROW} wrong ones in a row lock the account for {LOCKED_MINUTES} minutes; a code that was used is followed by another within half a minute."
                ),
            ),
            Trouble::NotAllowed => Text::new(
                "您的角色不能进行这项操作，没有做任何改动。需要时请联系管理员。",
                "Your role does not allow this; nothing was changed. Ask an administrator if you need it.",
            ),
            Trouble::ReasonMissing => Text::new(
                "请填写原因（最多 500 字），原因会记入审计日志。",
                "Give a reason of at most 500 characters; it goes into the audit log.",
            ),
            Trouble::PasswordWeak(weak) => weak.advice(),
            Trouble::AccountMalformed => Text::new(
                "账号名用 2 到 32 个小写字母、数字、点、连字符或下划线，以字母开头。",
                "An account has 2 to 32 lower-case letters, digits, dots, hyphens and underscores, a letter first.",
            ),
            Trouble::AccountTaken => Text::new(
                "这个账号名已经有人使用，请换一个。",
                "There is such an account already. Choose another name.",
            ),
            Trouble::LastAdministrator => Text::new(
                "至少要保留一名在岗的管理员，没有做任何改动。请先指定另一名管理员。",
                "One active administrator has to remain; nothing was changed. Appoint another first.",
            ),
            Trouble::RegistrationElsewhere => Text::new(
                "报名信息保存在报名系统中，请在报名系统里更正。",
                "The registrations are kept by the registration system. Correct them there.",
            ),
            Trouble::FieldMalformed { field } => Text::new(
                format!("“{}”填写得不对，没有做任何改动。请核对后重新填写。", field_zh(field)),
                format!(
                    "The field “{}” is not valid; nothing was changed. Check it and enter it again.",
                    field.replace('_', " ")
                ),
            ),
            Trouble::HeldByAnother => Text::new(
                "另一条报名信息已经使用这个手机号码或身份证号码，没有做任何改动。请先查询那一条。",
                "Another registration holds this phone or identity number; nothing was changed. Look that one up first.",
            ),
            Trouble::AnotherMustLook => Text::new(
                "这张照片您已经通过了一次，需要另一位工作人员再看一次。",
                "You have passed this photo already; somebody else has to look at it as well.",
            ),
            Trouble::RosterKind => Text::new(
                "请选择 .csv 或 .xlsx 文件。旧的 .xls 请先另存为 .xlsx。",
                "Choose a .csv or .xlsx file. Save an old .xls as .xlsx first.",
            ),
            Trouble::RosterTooLarge => Text::new(
                "文件超过 100 MB，没有做任何改动。请分成几个文件导入。",
                "The file is larger than 100 MB; nothing was changed. Import it in parts.",
            ),
            Trouble::TicketSpent => Text::new(
                "这个现场采集窗口已经打开过，或者超过了两分钟。请工作人员在考生页面重新打开。",
                "This page of the desk was opened before, or more than two minutes ago. Open it anew from the candidate's page.",
            ),
            Trouble::SessionMissing => Text::new("请先登录。", "Log in first."),
            Trouble::SessionExpired => Text::new(
                "登录已失效，已完成的步骤都保存着。请重新登录后继续。",
                "Your session has ended; every step you finished is kept. Log in again to go on.",
            ),
            Trouble::CodeWrong { tries_left } => Text::new(
                format!("验证码不正确，还可以再试 {tries_left} 次。请核对短信里的 6 位数字。"),
                format!(
                    "The code is wrong; {tries_left} tries are left. Compare it with the six digits in the message."
                ),
            ),
            Trouble::CodeExpired => Text::new(
                "验证码已失效（超过 5 分钟、已使用过或输错次数过多）。请重新获取验证码。",
                "The code is no longer valid (older than five minutes, used, or tried too often). Ask for another.",
            ),
            Trouble::PhoneUnknown { office_phone } => phone_unknown(office_phone),
            Trouble::NotFound => Text::new("没有找到所请求的内容。", "There is nothing here."),
            Trouble::MethodNotAllowed => {
                Text::new("不支持这种请求方式。", "This address does not take that kind of request.")
            }
            Trouble::OutOfOrder { .. } => Text::new(
                "现在不能进行这一步，已完成的步骤都保存着。请刷新页面，按提示继续。",
                "This step is not due now; every step you finished is kept. Reload the page and go on from there.",
            ),
            Trouble::NameMalformed => Text::new(
                "每个“□”处只能填写一个汉字，请对照身份证重新填写。",
                "Exactly one Chinese character goes in the place of each □. Compare with the card and enter it again.",
            ),
            Trouble::NameUnread => Text::new(
                "姓名中有一个字系统没有认出，请先对照身份证填写这个字。",
                "A character of the name could not be read. Enter it as on the card first.",
            ),
            Trouble::StillBlocked { office_phone } => Text::new(
                format!(
                    "报名信息中的姓名或身份证号码仍与身份证不一致。请联系成招办更正后再采集，电话 {office_phone}。"
                ),
                format!(
                    "Name or number in the registration still differ from the card. Ask the office to correct them first: {office_phone}."
                ),
            ),
            Trouble::ChangedMeanwhile => Text::new(
                "刚刚有另一个操作先完成了，没有丢失任何内容。请刷新页面后继续。",
                "Another request was quicker; nothing is lost. Reload the page and go on from there.",
            ),
            Trouble::CollectionEnded { state: "completed" } => Text::new(
                "采集已经完成，不需要再操作。",
                "The collection is complete; there is nothing more to do.",
            ),
            Trouble::CollectionEnded { .. } => Text::new(
                "采集已经结束，不能再继续。如有疑问请联系成招办。",
                "The collection has ended and cannot go on. Ask the admissions office if in doubt.",
            ),
            Trouble::RequestTooLarge => Text::new(
                "发送的内容太大，没有做任何改动。",
                "The request is too large; nothing was changed.",
            ),
            Trouble::RequestTooSlow => Text::new(
                "网络太慢，上传没有完成，没有做任何改动。请换个网络后再试。",
                "The connection was too slow and the request did not arrive whole; nothing was changed. Try a better network.",
            ),
            Trouble::PictureTooLarge => Text::new(
                "图片超过 20 MB。请用手机相机的普通照片模式重新拍摄，或选择较小的图片。",
                "The picture is larger than 20 MB. Take it in the camera's ordinary photo mode, or choose a smaller one.",
            ),
            Trouble::PictureHeic => Text::new(
                "这是 HEIC 格式的图片，暂不支持。苹果手机请在“设置 → 相机 → 格式”中选“兼容性最佳”，其他手机请在相机设置中关闭“高效格式”，然后重新拍摄。",
                "This is a HEIC picture, which is not supported. On an iPhone choose Settings, Camera, Formats, Most Compatible; on other phones turn off the high-efficiency format. Then take it again.",
            ),
            Trouble::PictureUnsupported => Text::new(
                "这不是可用的图片。请上传 JPEG、PNG 或 WebP 格式的照片。",
                "This is not a usable picture. Upload a JPEG, PNG or WebP.",
            ),
            Trouble::PictureBroken => Text::new(
                "图片已损坏或没有传完整。请重新上传，或重新拍一张。",
                "The picture is damaged or did not arrive whole. Upload it again, or take another.",
            ),
            Trouble::PictureTooManyPixels => Text::new(
                "图片超过 5000 万像素。请用手机相机的普通照片模式重新拍摄。",
                "The picture has more than 50 megapixels. Take it in the camera's ordinary photo mode.",
            ),
            Trouble::PictureTooSmall => Text::new(
                "图片太小，看不清内容。请上传手机拍摄的原图，不要用截图或缩略图。",
                "The picture is too small. Upload the original from the camera, not a screenshot or thumbnail.",
            ),
            Trouble::CodeTooSoon { after_s } => Text::new(
                format!("验证码刚刚发送过，请等 {after_s} 秒再获取。"),
                format!("A code has just been sent. Wait {after_s} seconds before asking for another."),
            ),
            Trouble::CodeTooMany { .. } => Text::new(
                "今天获取验证码的次数已用完，请明天再试，或联系成招办。",
                "No more codes can be sent to this phone today. Try again tomorrow, or ask the admissions office.",
            ),
            Trouble::TooManyRequests { after_s } => Text::new(
                format!("这个网络的请求太频繁，请等 {after_s} 秒再试。"),
                format!("Too many requests came from this network. Wait {after_s} seconds."),
            ),
            Trouble::Busy { after_s } => Text::new(
                format!("现在上传的人很多，没有丢失任何内容。请等 {after_s} 秒后再传一次。"),
                format!(
                    "Many people are uploading just now; nothing is lost. Send it again in {after_s} seconds."
                ),
            ),
            Trouble::RegistrationUnavailable { after_s } => Text::new(
                format!("报名系统暂时没有应答，没有丢失任何内容。请等 {after_s} 秒后再试。"),
                format!(
                    "The registration system does not answer just now; nothing is lost. Try again in {after_s} seconds."
                ),
            ),
            Trouble::NotOpen => Text::new(
                "采集还没有开放，或者已经结束。请留意成招办的通知。",
                "Collecting is not open yet, or is over. Look for the admissions office's notice.",
            ),
            Trouble::DownloadGone => Text::new(
                "这个下载地址已经用过或已过期（一分钟内有效，只能用一次）。请回到控制台重新导出。",
                "This address for a download was used or is too old: it is good once, for a minute. Go back to the console and export again.",
            ),
            Trouble::TooManyRows { most } => Text::new(
                format!("名单超过 {most} 行，不能导出为 XLSX。请选择 CSV，Excel 也能打开。"),
                format!(
                    "The roster has more than {most} rows, too many for XLSX. Choose CSV, which Excel opens too."
                ),
            ),
            Trouble::DownloadsBusy { after_s } => Text::new(
                format!("正在进行的下载太多，没有丢失任何内容。请等 {after_s} 秒后再试。"),
                format!("Too many downloads are under way; nothing is lost. Try again in {after_s} seconds."),
            ),
            Trouble::Internal => Text::new(
                "系统出了点问题，已完成的步骤都保存着。请稍后再试。",
                "Something went wrong on our side; every step you finished is kept. Try again in a while.",
            ),
        }
    }

    /// The domain's refusal of an event in this state.
    pub fn refused(refusal: Refusal, state: &'static str, office_phone: &str) -> Trouble {
        match refusal {
            Refusal::Ended => Trouble::CollectionEnded { state },
            Refusal::NameUnread => Trouble::NameUnread,
            Refusal::StillBlocked => Trouble::StillBlocked { office_phone: office_phone.to_owned() },
            Refusal::OutOfOrder | Refusal::SideMissing | Refusal::OtherAttempt | Refusal::NoReason => {
                Trouble::OutOfOrder { state }
            }
        }
    }
}

/// A field of a registration or an exam session in Chinese.
fn field_zh(field: &str) -> &'static str {
    match field {
        "name" => "姓名",
        "number" => "身份证号码",
        "ethnicity" => "民族",
        "address" => "住址",
        "phone" => "手机号码",
        "level" => "层次",
        "exam_id" => "考次编号",
        "exam_name" => "考次名称",
        "standard" => "照片标准",
        "attempts_allowed" => "核验次数",
        "cards" => "可用证件",
        "inspection" => "照片审核",
        "closes_at" => "截止时间",
        "agreement" => "用户协议",
        "privacy" => "隐私协议",
        "face_consent" => "人脸比对同意书",
        _ => "成招办名称或电话",
    }
}

/// What a candidate is told whose phone no registration holds.
pub fn phone_unknown(office_phone: &str) -> Text {
    Text::new(
        format!("报名信息中没有这个手机号码。请换报名时填写的手机号码，或联系成招办，电话 {office_phone}。"),
        format!(
            "No registration holds this phone number. Use the number that you gave when registering, or ask the admissions office: {office_phone}."
        ),
    )
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_ends_its_sentence_in_both_languages() {
        let office_phone = "0000-0000000".to_owned();
        for trouble in [
            Trouble::MalformedRequest,
            Trouble::NotJson,
            Trouble::PhoneMalformed,
            Trouble::CodeWrong { tries_left: 2 },
            Trouble::PhoneUnknown { office_phone: office_phone.clone() },
            Trouble::StillBlocked { office_phone },
            Trouble::NameMalformed,
            Trouble::NameUnread,
            Trouble::PictureHeic,
            Trouble::Busy { after_s: 3 },
            Trouble::SignInWrong,
            Trouble::NotAllowed,
            Trouble::ReasonMissing,
            Trouble::PasswordWeak(WeakPassword::Guessable),
            Trouble::AccountMalformed,
            Trouble::AccountTaken,
            Trouble::LastAdministrator,
            Trouble::RegistrationElsewhere,
            Trouble::FieldMalformed { field: "phone" },
            Trouble::HeldByAnother,
            Trouble::AnotherMustLook,
            Trouble::RosterKind,
            Trouble::RosterTooLarge,
            Trouble::TicketSpent,
            Trouble::DownloadGone,
            Trouble::TooManyRows { most: 9 },
            Trouble::DownloadsBusy { after_s: 3 },
            Trouble::Internal,
        ] {
            let text = trouble.message();
            assert!(text.zh.ends_with('。') && text.en.ends_with('.'), "{trouble}");
        }
    }
}
