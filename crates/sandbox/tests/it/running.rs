//! A sandbox on a free port, for one test.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use image::{Rgb, RgbImage};
use partners::{
    identity::{Answer, IdentityPlatform, Question, TencentFaceId},
    registration::{CollectionResult, Completion, HttpRegistration},
    sms::TencentSms,
};
use sandbox::{Faces, FacesError, Sandbox, SandboxConfig, SeededCandidate, Seen};
use specimen::people::Person;
use tokio::sync::oneshot;
use vision::compare::Descriptor;

/// Sees by colour: a picture's red says whose face it shows, so that protocols can be tried without networks.
#[derive(Default)]
pub struct ColourFaces {
    enrolled: AtomicUsize,
}

/// A red that means nobody.
pub const NOBODY: u8 = 250;
/// A red that means several people.
pub const SEVERAL: u8 = 251;

impl Faces for ColourFaces {
    fn see(&self, picture: &RgbImage) -> Result<Seen, FacesError> {
        Ok(match picture.get_pixel(0, 0).0[0] {
            NOBODY => Seen::Nobody,
            SEVERAL => Seen::Several,
            red => Seen::One(Box::new(face(usize::from(red)))),
        })
    }

    fn enrol(&self, _: &Person) -> Result<Vec<Descriptor>, FacesError> {
        // The register is filled in the candidates' order.
        Ok(vec![face(self.enrolled.fetch_add(1, Relaxed))])
    }
}

fn face(person: usize) -> Descriptor {
    let mut descriptor = [0.0; 128];
    descriptor[person % 128] = 1.0;
    Descriptor(descriptor)
}

/// The picture that shows candidate number `red`.
pub fn picture(red: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::from_pixel(200, 240, Rgb([red, 0, 0])).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A running sandbox; it ends when this is dropped.
pub struct Running {
    pub url: String,
    pub config: SandboxConfig,
    pub candidates: Vec<SeededCandidate>,
    pub http: reqwest::Client,
    _end: oneshot::Sender<()>,
}

impl Running {
    pub async fn start() -> Running {
        Running::with(SandboxConfig::default(), Arc::new(ColourFaces::default())).await
    }

    pub async fn with(config: SandboxConfig, faces: Arc<dyn Faces>) -> Running {
        let sandbox = Sandbox::bind(config.clone(), faces).await.unwrap();
        let url = sandbox.url();
        let (end, ended) = oneshot::channel();
        tokio::spawn(sandbox.run(async { ended.await.unwrap_or_default() }));
        let candidates = sandbox::seed(&config.exam_session).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Running { url, config, candidates, http, _end: end }
    }

    pub fn identity(&self) -> TencentFaceId {
        TencentFaceId::new(&self.config.partners(&self.url).identity).unwrap()
    }

    pub fn sms(&self) -> TencentSms {
        TencentSms::new(&self.config.partners(&self.url).sms).unwrap()
    }

    pub fn registration(&self) -> HttpRegistration {
        HttpRegistration::new(&self.config.partners(&self.url).registration).unwrap()
    }

    /// Asks whether `photo` shows candidate number `index`.
    pub async fn ask(&self, index: usize, attempt: uuid::Uuid, photo: &[u8]) -> Answer {
        let person = &self.candidates[index].person;
        let name = domain::PersonName::parse(&person.name).unwrap();
        let number = domain::IdNumber::parse(&person.number).unwrap();
        self.identity().verify(&Question { attempt, name: &name, number: &number, photo }).await
    }

    pub fn result(&self, index: usize, key: &str) -> CollectionResult {
        CollectionResult {
            idempotency_key: key.into(),
            exam_session: self.config.exam_session.clone(),
            registration_id: self.candidates[index].registration.id.clone(),
            completed_at: jiff::Timestamp::now(),
            completion: Completion::Verified,
            ethnicity: domain::Ethnicity::parse("苗").ok(),
            address: Some("某市某路1号".into()),
            photo: vec![0xFF, 0xD8, 1, 2, 3],
        }
    }

    pub async fn get(&self, path: &str) -> serde_json::Value {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap().json().await.unwrap()
    }

    pub async fn set_switches(&self, positions: serde_json::Value) {
        let url = format!("{}/sandbox/api/switches", self.url);
        let answer = self.http.put(url).json(&positions).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
}
