//! What a sandbox is configured with, and what its clients must be configured with to reach it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use partners::{
    Secret, identity::TencentFaceIdConfig, registration::HttpRegistrationConfig, sms::TencentSmsConfig,
    tencent::Credentials,
};

/// A sandbox's configuration. The default listens on a free port of the loopback interface and keeps nothing on disk.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the registration system keeps its registrations over restarts; nowhere if absent.
    pub data_dir: Option<PathBuf>,
    /// The exam session's id that the registration system knows.
    pub exam_session: String,
    /// So many registrations beyond the planned ones, see [`crate::seed::further`]; for load.
    pub further: usize,
    /// Where the candidate's pages are, for a link.
    pub journey_url: Option<String>,
    /// The key pair that signs requests to the SMS and identity vendors.
    pub tencent: Credentials,
    /// Name of the key shared with the registration system.
    pub registration_key_id: String,
    /// The key shared with the registration system.
    pub registration_secret: Secret,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        SandboxConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data_dir: None,
            exam_session: "sandbox".into(),
            further: 0,
            journey_url: None,
            tencent: Credentials {
                secret_id: "AKIDsandbox".into(),
                secret_key: "sandbox-secret-key-of-no-value".into(),
            },
            registration_key_id: "sandbox".into(),
            registration_secret: "sandbox-registration-key-of-no-value".into(),
        }
    }
}

/// The clients' configurations that reach a sandbox.
#[derive(Debug, Clone)]
pub struct PartnerConfigs {
    /// SMS.
    pub sms: TencentSmsConfig,
    /// The identity platform.
    pub identity: TencentFaceIdConfig,
    /// The registration system.
    pub registration: HttpRegistrationConfig,
}

impl SandboxConfig {
    /// What the clients of a sandbox at `url` (such as `http://127.0.0.1:8090`) are configured with.
    pub fn partners(&self, url: &str) -> PartnerConfigs {
        PartnerConfigs {
            sms: TencentSmsConfig {
                endpoint: url.to_owned(),
                credentials: self.tencent.clone(),
                sdk_app_id: "1400000000".into(),
                sign_name: "照验沙箱".into(),
                template_id: "100001".into(),
                ..TencentSmsConfig::default()
            },
            identity: TencentFaceIdConfig {
                endpoint: url.to_owned(),
                credentials: self.tencent.clone(),
                ..TencentFaceIdConfig::default()
            },
            registration: HttpRegistrationConfig {
                endpoint: format!("{url}/registration/"),
                key_id: self.registration_key_id.clone(),
                secret: self.registration_secret.clone(),
                ..HttpRegistrationConfig::default()
            },
        }
    }
}
