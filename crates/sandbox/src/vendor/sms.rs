//! `SendSms` of version 2021-01-11.

use domain::PhoneNumber;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Told, VendorError, parameters};
use crate::{outbox::Message, server::App};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendSms {
    #[serde(default)]
    phone_number_set: Vec<String>,
    sms_sdk_app_id: Option<String>,
    template_id: Option<String>,
    #[serde(default)]
    sign_name: String,
    #[serde(default)]
    template_param_set: Vec<String>,
    #[serde(default)]
    session_context: String,
    #[serde(default, rename = "ExtendCode")]
    _extend_code: Option<String>,
    #[serde(default, rename = "SenderId")]
    _sender_id: Option<String>,
}

/// Most numbers in one call.
const MOST_NUMBERS: usize = 200;

pub(crate) fn send(sandbox: &App, body: &[u8], region: Option<&str>) -> Told {
    let call: SendSms = parameters(body)?;
    if region.is_none_or(str::is_empty) {
        return Err(VendorError::missing("Region"));
    }
    if call.phone_number_set.is_empty() {
        return Err(VendorError::new("MissingParameter.EmptyPhoneNumberSet", "PhoneNumberSet is empty."));
    }
    if call.phone_number_set.len() > MOST_NUMBERS {
        return Err(VendorError::new("LimitExceeded.PhoneNumberCountLimit", "More than 200 numbers."));
    }
    if call.sms_sdk_app_id.as_deref().is_none_or(str::is_empty) {
        return Err(VendorError::missing("SmsSdkAppId"));
    }
    let template_id =
        call.template_id.filter(|t| !t.is_empty()).ok_or_else(|| VendorError::missing("TemplateId"))?;
    let statuses: Vec<_> = call
        .phone_number_set
        .iter()
        .map(|number| {
            let status = |serial: &str, fee: u8, code: &str, message: &str| {
                json!({
                    "SerialNo": serial,
                    "PhoneNumber": number,
                    "Fee": fee,
                    "SessionContext": call.session_context,
                    "Code": code,
                    "Message": message,
                    "IsoCode": "CN",
                })
            };
            let Ok(phone) = PhoneNumber::parse(number) else {
                return status(
                    "",
                    0,
                    "InvalidParameterValue.IncorrectPhoneNumber",
                    "incorrect phone number format",
                );
            };
            let serial_no = format!("sandbox:{}", Uuid::new_v4().simple());
            let answer = status(&serial_no, 1, "Ok", "send success");
            sandbox.outbox.put(Message {
                at: Timestamp::now(),
                phone: phone.as_str().to_owned(),
                template_id: template_id.clone(),
                sign_name: call.sign_name.clone(),
                code: call.template_param_set.first().cloned().unwrap_or_default(),
                text: text(&call.sign_name, &call.template_param_set),
                params: call.template_param_set.clone(),
                serial_no,
                session_context: call.session_context.clone(),
            });
            answer
        })
        .collect();
    Ok(json!({ "SendStatusSet": statuses }))
}

/// What the phone shows: the sandbox knows no approved templates, so it shows that of a login code.
fn text(sign_name: &str, params: &[String]) -> String {
    match params {
        [code, minutes] => format!("【{sign_name}】验证码：{code}，{minutes}分钟内有效。请勿告诉他人。"),
        params => format!("【{sign_name}】{}", params.join("，")),
    }
}
