//! Tencent Cloud `SendSms`, version 2021-01-11.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    sms::{CodeMessage, Kind, Receipt, SmsError, SmsSender, sort},
    tencent::{CallError, Credentials, Product, looks_like_code},
    transport::{ConfigError, TransportConfig},
};

/// What fills a variable of the approved template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateParam {
    /// The code.
    Code,
    /// The minutes for which it holds.
    Minutes,
}

/// How to reach the vendor, and which approved texts to send.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TencentSmsConfig {
    /// URL of the API; the vendor's own unless set.
    pub endpoint: String,
    /// The vendor's region.
    pub region: String,
    /// The key pair.
    #[serde(flatten)]
    pub credentials: Credentials,
    /// `SmsSdkAppId` of the SMS application.
    pub sdk_app_id: String,
    /// The approved signature (签名), its text.
    pub sign_name: String,
    /// Id of the approved template for login codes.
    pub template_id: String,
    /// What fills the template's variables, in their order.
    pub template_params: Vec<TemplateParam>,
    /// Time-outs and proxy.
    pub transport: TransportConfig,
}

impl Default for TencentSmsConfig {
    fn default() -> Self {
        TencentSmsConfig {
            endpoint: "https://sms.tencentcloudapi.com".into(),
            region: "ap-guangzhou".into(),
            credentials: Credentials::default(),
            sdk_app_id: String::new(),
            sign_name: String::new(),
            template_id: String::new(),
            template_params: vec![TemplateParam::Code, TemplateParam::Minutes],
            transport: TransportConfig { timeout_ms: 8_000, ..TransportConfig::default() },
        }
    }
}

/// The client.
#[derive(Debug, Clone)]
pub struct TencentSms {
    product: Product,
    sdk_app_id: String,
    sign_name: String,
    template_id: String,
    template_params: Vec<TemplateParam>,
}

impl TencentSms {
    /// A client of the configured vendor account.
    ///
    /// # Errors
    /// [`ConfigError`] when endpoint, keys, application, signature or template are not set.
    pub fn new(config: &TencentSmsConfig) -> Result<TencentSms, ConfigError> {
        let required = [
            ("sdk_app_id", &config.sdk_app_id),
            ("sign_name", &config.sign_name),
            ("template_id", &config.template_id),
        ];
        if let Some((setting, _)) = required.iter().find(|(_, value)| value.is_empty()) {
            return Err(ConfigError::Missing { partner: "sms", setting });
        }
        let product = Product::new(
            "sms",
            "2021-01-11",
            &config.endpoint,
            Some(config.region.clone()),
            config.credentials.clone(),
            &config.transport,
        )?;
        Ok(TencentSms {
            product,
            sdk_app_id: config.sdk_app_id.clone(),
            sign_name: config.sign_name.clone(),
            template_id: config.template_id.clone(),
            template_params: config.template_params.clone(),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Send<'a> {
    phone_number_set: [String; 1],
    sms_sdk_app_id: &'a str,
    sign_name: &'a str,
    template_id: &'a str,
    template_param_set: Vec<String>,
    session_context: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    send_status_set: Vec<SendStatus>,
    request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendStatus {
    #[serde(default)]
    serial_no: String,
    code: String,
}

#[async_trait]
impl SmsSender for TencentSms {
    async fn send_code(&self, message: &CodeMessage<'_>) -> Result<Receipt, SmsError> {
        let fill = |param: &TemplateParam| match param {
            TemplateParam::Code => message.code.to_owned(),
            TemplateParam::Minutes => message.minutes.to_string(),
        };
        let send = Send {
            phone_number_set: [format!("+86{}", message.phone.as_str())],
            sms_sdk_app_id: &self.sdk_app_id,
            sign_name: &self.sign_name,
            template_id: &self.template_id,
            template_param_set: self.template_params.iter().map(fill).collect(),
            session_context: message.serial,
        };
        match self.product.call::<Sent>("SendSms", &send).await {
            Ok(sent) => read(sent),
            Err(CallError::Vendor { code, .. }) => Err(name(code)),
            Err(error) => Err(SmsError::AskAgain { code: error.code() }),
        }
    }
}

fn read(sent: Sent) -> Result<Receipt, SmsError> {
    match sent.send_status_set.into_iter().next() {
        Some(status) if status.code == "Ok" => {
            Ok(Receipt { serial_no: status.serial_no, request_id: sent.request_id })
        }
        Some(status) if looks_like_code(&status.code) => Err(name(status.code)),
        _ => Err(SmsError::AskAgain { code: "answer.malformed".into() }),
    }
}

fn name(code: String) -> SmsError {
    match sort(&code) {
        Kind::NumberRefused => SmsError::NumberRefused { code },
        Kind::TooMany => SmsError::TooMany { code },
        Kind::AskAgain => SmsError::AskAgain { code },
        Kind::Misconfigured => SmsError::Misconfigured { code },
    }
}
