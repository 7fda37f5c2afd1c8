//! A real server on a port, over a real database, with partners and eyes that a test directs.

#![allow(clippy::unwrap_used, dead_code, missing_docs)]

pub mod office;

use std::{
    collections::VecDeque,
    io::Cursor,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    CheckId, EmblemSide, Ethnicity, IdNumber, Level, Measures, PersonName, PhoneNumber, PortraitSide,
    Registration, Spot, Standard, ValidUntil, id_number::check_character,
};
use jiff::civil::date;
use partners::{
    identity::{Answer, IdentityPlatform, Question},
    registration::RegistrationSystem,
    sms::{CodeMessage, Receipt, SmsError, SmsSender},
};
use reqwest::{
    Client, Method, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use service::{
    Backoff, Clock, ManualClock, Parts, PixelPool, Rules, Service, Trouble,
    roster::Roster,
    sight::{CardSeen, PhotoSeen, PortraitSideSeen, Sight},
    worker::{Settings, Worker},
};
use store::{BreakerPolicy, ConsentText, ExamSession, Office, Store, testing::TestDatabase};
use tokio_util::sync::CancellationToken;
use vision::decode::Capture;

pub const EXAM: &str = "test-2026";
pub const OFFICE_PHONE: &str = "0000-12345678";

/// What a drawn picture shows: told by its one colour, so that the test's eyes need no networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    Portrait(u8),
    /// As [`Shows::Portrait`], with a last character of the name that can be told only if it is expected.
    RarePortrait(u8),
    Emblem(u8),
    ExpiredEmblem(u8),
    NoCard,
    GoodPhoto,
    /// Nothing wrong but that the person is another than the card's.
    UnlikePhoto,
    /// Nothing wrong, and no face that could be compared.
    FacelessPhoto,
    /// Nothing wrong, and the comparison breaks.
    BreakingPhoto,
    /// Nothing wrong but the person, and the comparison takes far too long.
    SlowPhoto,
    /// Two people, turned heads.
    BadPhoto,
    /// One person, and five things to mend.
    FaultyPhoto,
}

impl Shows {
    fn colour(self) -> [u8; 3] {
        match self {
            Shows::Portrait(person) => [person, 10, 1],
            Shows::RarePortrait(person) => [person, 15, 1],
            Shows::Emblem(person) => [person, 20, 1],
            Shows::ExpiredEmblem(person) => [person, 30, 1],
            Shows::NoCard => [0, 40, 1],
            Shows::GoodPhoto => [0, 50, 1],
            Shows::BadPhoto => [0, 60, 1],
            Shows::FaultyPhoto => [0, 70, 1],
            Shows::UnlikePhoto => [0, 80, 1],
            Shows::FacelessPhoto => [0, 90, 1],
            Shows::BreakingPhoto => [0, 100, 1],
            Shows::SlowPhoto => [0, 110, 1],
        }
    }

    fn of(colour: [u8; 3]) -> Shows {
        let person = colour[0];
        match colour[1] {
            10 => Shows::Portrait(person),
            15 => Shows::RarePortrait(person),
            20 => Shows::Emblem(person),
            30 => Shows::ExpiredEmblem(person),
            50 => Shows::GoodPhoto,
            60 => Shows::BadPhoto,
            70 => Shows::FaultyPhoto,
            80 => Shows::UnlikePhoto,
            90 => Shows::FacelessPhoto,
            100 => Shows::BreakingPhoto,
            110 => Shows::SlowPhoto,
            _ => Shows::NoCard,
        }
    }

    /// A PNG that shows it, followed by so many bytes that no decoder looks at: phones' pictures are large.
    pub fn large_png(self) -> Vec<u8> {
        let mut png = self.png();
        png.resize(png.len() + 6_000_000, 0);
        png
    }

    /// A PNG that shows it.
    pub fn png(self) -> Vec<u8> {
        let image = image::RgbImage::from_pixel(640, 640, image::Rgb(self.colour()));
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }
}

/// Person `n`, as registered and as on the card.
pub fn person(n: u8) -> Registration {
    let first = format!("110000199{}0307{:03}", n % 5, 100 + u32::from(n));
    let number = format!("{first}{}", check_character(&first).unwrap());
    Registration {
        id: format!("r{n:03}"),
        name: PersonName::parse(&format!("样本{}", char::from_u32(0x4e00 + u32::from(n)).unwrap())).unwrap(),
        number: IdNumber::parse(&number).unwrap(),
        ethnicity: Ethnicity::parse("汉").ok(),
        address: Some(format!("某省某市样本路{n}号")),
        phone: PhoneNumber::parse(&format!("13800000{n:03}")).unwrap(),
        level: if n % 3 == 2 { Level::JuniorCollegeToBachelor } else { Level::ToBachelor },
    }
}

/// What [`Shows::FaultyPhoto`] fails, most important first.
pub const FAULTS: [CheckId; 5] =
    [CheckId::HeadPose, CheckId::Sharpness, CheckId::EarsVisible, CheckId::EyesOpen, CheckId::MouthClosed];
/// Where the first of [`FAULTS`] shows.
pub const SPOT: Spot = Spot { left: 0.25, top: 0.125, width: 0.5, height: 0.375 };

struct Eyes;

impl Eyes {
    fn see(picture: &Bytes) -> Result<Shows, Trouble> {
        Ok(Eyes::see_with_capture(picture)?.0)
    }

    fn see_with_capture(picture: &Bytes) -> Result<(Shows, Capture), Trouble> {
        let capture = vision::decode::decode(picture)?;
        if capture.pixels.width() < 240 {
            return Err(Trouble::PictureTooSmall);
        }
        Ok((Shows::of(capture.pixels.get_pixel(0, 0).0), capture))
    }

    fn swapped<T: Default>(swapped: f64) -> CardSeen<T> {
        let mut measures = Measures::default();
        measures.put(CheckId::CardSide, [("swapped", swapped)]);
        CardSeen::Card { side: T::default(), measures }
    }
}

impl Sight for Eyes {
    fn portrait_side(&self, picture: &Bytes, name: Option<&PersonName>) -> Result<PortraitSideSeen, Trouble> {
        let mut face = None;
        let card = match Eyes::see(picture)? {
            shows @ (Shows::Portrait(n) | Shows::RarePortrait(n)) => {
                face = Some(card_face(n));
                let mut person = person(n);
                // Its last character is one that these eyes know only from the registration.
                if matches!(shows, Shows::RarePortrait(_)) && name != Some(&person.name) {
                    person.name = PersonName::parse("样本□").unwrap();
                }
                let side = PortraitSide {
                    name_cells: Some(person.name.characters() as u8),
                    sex: person.number.sex(),
                    birth_date: Some(person.number.birth_date()),
                    name: Some(person.name),
                    ethnicity: person.ethnicity,
                    address: person.address,
                    number: Some(person.number),
                    ..PortraitSide::default()
                };
                CardSeen::Card { side, measures: Measures::default() }
            }
            Shows::Emblem(_) | Shows::ExpiredEmblem(_) => Eyes::swapped(1.0),
            _ => CardSeen::NoCard { measures: Measures::default() },
        };
        Ok(PortraitSideSeen { card, face })
    }

    fn emblem_side(&self, picture: &Bytes) -> Result<CardSeen<EmblemSide>, Trouble> {
        let (from, until) = match Eyes::see(picture)? {
            Shows::Emblem(_) => (date(2021, 5, 6), date(2041, 5, 6)),
            Shows::ExpiredEmblem(_) => (date(2010, 5, 6), date(2020, 5, 6)),
            Shows::Portrait(_) | Shows::RarePortrait(_) => return Ok(Eyes::swapped(1.0)),
            _ => return Ok(CardSeen::NoCard { measures: Measures::default() }),
        };
        let side = EmblemSide {
            authority: Some("某市公安局".to_owned()),
            valid_from: Some(from),
            valid_until: Some(ValidUntil::Date(until)),
            ..EmblemSide::default()
        };
        Ok(CardSeen::Card { side, measures: Measures::default() })
    }

    fn photo(&self, picture: &Bytes, standard: &Standard) -> Result<PhotoSeen, Trouble> {
        let (shows, capture) = Eyes::see_with_capture(picture)?;
        let bad: &[CheckId] = match shows {
            Shows::GoodPhoto
            | Shows::UnlikePhoto
            | Shows::FacelessPhoto
            | Shows::BreakingPhoto
            | Shows::SlowPhoto => &[],
            Shows::FaultyPhoto => &FAULTS,
            _ => &[CheckId::HeadPose, CheckId::SingleFace],
        };
        let mut measures = Measures::default();
        for (check, limits) in standard.checks.iter().filter(|(check, _)| !check.is_of_card()) {
            let fine = |limit: &domain::standard::Limit| {
                let low = limit.warn_min.or(limit.min);
                let high = limit.warn_max.or(limit.max);
                match (low, high) {
                    (Some(low), Some(high)) => (low + high) / 2.0,
                    (Some(low), None) => low + 0.1,
                    (None, Some(high)) => high - 0.1,
                    (None, None) => 0.0,
                }
            };
            let bad = bad.contains(check);
            let parts = limits.iter().map(|(part, limit)| {
                let part: &'static str = part.clone().leak();
                let beyond = if limit.max.is_some() { 100.0 } else { -100.0 };
                (part, if bad { beyond } else { fine(limit) })
            });
            measures.put(*check, parts);
        }
        measures.put_spot(FAULTS[0], "roll", SPOT);
        Ok(PhotoSeen { measures, made: Some(made(shows)), preview: vision::preview::preview(&capture) })
    }

    fn likeness(&self, face: &Bytes, photo: &Bytes) -> Result<Option<f64>, Trouble> {
        assert!((1..=60).any(|n| card_face(n) == *face), "the card's face is compared");
        match photo {
            photo if photo == &made(Shows::GoodPhoto) => Ok(Some(93.5)),
            photo if photo == &made(Shows::UnlikePhoto) => Ok(Some(2.5)),
            photo if photo == &made(Shows::FacelessPhoto) => Ok(None),
            photo if photo == &made(Shows::SlowPhoto) => {
                std::thread::sleep(Duration::from_secs(6));
                Ok(Some(2.5))
            }
            _ => Err(Trouble::Internal),
        }
    }

    fn ready(&self) -> bool {
        true
    }
}

/// The picture on the card of person `n`.
pub fn card_face(n: u8) -> Vec<u8> {
    [b"\xff\xd8\xff the card's face ".as_slice(), &[n]].concat()
}

/// The ID photo made of what is shown.
pub fn made(shows: Shows) -> Vec<u8> {
    [b"\xff\xd8\xff the ID photo ".as_slice(), &shows.colour()].concat()
}

/// A platform that answers as it is told; when it is told nothing more, it confirms.
#[derive(Default)]
pub struct Platform {
    pub answers: Mutex<VecDeque<Answer>>,
    pub asked: Mutex<Vec<uuid::Uuid>>,
    pub slow: Mutex<Duration>,
}

impl Platform {
    pub fn will(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }
}

pub fn says_no() -> Answer {
    Answer::SaysNo {
        similarity: Some(31.0),
        code: "FailedOperation.CompareLowSimilarity".to_owned(),
        request_id: "r".to_owned(),
    }
}

pub fn ask_again() -> Answer {
    Answer::AskAgain { code: "transport.timeout".to_owned() }
}

#[async_trait]
impl IdentityPlatform for Platform {
    async fn verify(&self, question: &Question<'_>) -> Answer {
        self.asked.lock().unwrap().push(question.attempt);
        let slow = *self.slow.lock().unwrap();
        tokio::time::sleep(slow).await;
        let told = self.answers.lock().unwrap().pop_front();
        told.unwrap_or(Answer::Confirmed { similarity: 93.0, request_id: "r".to_owned() })
    }
}

/// Keeps what it is given to send.
#[derive(Default)]
pub struct Sms {
    pub sent: Mutex<Vec<(String, String)>>,
    pub fails: Mutex<VecDeque<SmsError>>,
}

#[async_trait]
impl SmsSender for Sms {
    async fn send_code(&self, message: &CodeMessage<'_>) -> Result<Receipt, SmsError> {
        if let Some(error) = self.fails.lock().unwrap().pop_front() {
            return Err(error);
        }
        let sent = (message.phone.as_str().to_owned(), message.code.to_owned());
        self.sent.lock().unwrap().push(sent);
        Ok(Receipt { serial_no: "s".to_owned(), request_id: "r".to_owned() })
    }
}

pub struct Stage {
    pub database: TestDatabase,
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub platform: Arc<Platform>,
    pub sms: Arc<Sms>,
    pub worker: Arc<Worker>,
    pub service: Arc<Service>,
    pub address: SocketAddr,
    pub client: Client,
    shutdown: CancellationToken,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub fn standard() -> Standard {
    let text = include_str!("../../../../standards/chengkao.toml");
    Standard::from_toml("chengkao.toml", text).unwrap()
}

fn text(title: &str) -> ConsentText {
    let wording = json!({"title": {"zh": title, "en": "t"}, "body": {"zh": "正文。", "en": "Body."}});
    ConsentText { version: "v1".to_owned(), text: wording.to_string() }
}

impl Stage {
    pub async fn on_sqlite() -> Stage {
        Stage::set(TestDatabase::sqlite().await, Rules::default()).await
    }

    pub async fn on_both() -> [Stage; 2] {
        let [sqlite, postgres] = TestDatabase::both().await;
        [Stage::set(sqlite, Rules::default()).await, Stage::set(postgres, Rules::default()).await]
    }

    pub async fn set(database: TestDatabase, rules: Rules) -> Stage {
        Stage::with_sight(database, rules, Arc::new(Eyes), Vec::new()).await
    }

    /// With eyes of the test's choice, and further registrations.
    pub async fn with_sight(
        database: TestDatabase,
        rules: Rules,
        sight: Arc<dyn Sight>,
        further: Vec<Registration>,
    ) -> Stage {
        let store = database.store();
        let clock = Arc::new(ManualClock::at("2026-11-23T04:00:00Z".parse().unwrap()));
        let exam = ExamSession {
            id: EXAM.to_owned(),
            name: "成人高考".to_owned(),
            office: Office { name: "某市成招办".to_owned(), phone: OFFICE_PHONE.to_owned() },
            standard: "chengkao".to_owned(),
            attempts_allowed: 5,
            agreement: text("用户协议"),
            privacy: text("隐私协议"),
            face_consent: text("人脸比对单独同意书"),
            open: true,
            closes_at: None,
            cards: None,
            inspection: domain::Inspection::Off,
            two_eyes: false,
        };
        store.put_exam_session(&exam, clock.now()).await.unwrap();
        let everybody: Vec<Registration> = (1..=60).map(person).chain(further).collect();
        store.import_registrations(EXAM, &everybody, store::ImportHow::default(), clock.now()).await.unwrap();
        let registration: Arc<dyn RegistrationSystem> = Arc::new(Roster::new(store.clone(), clock.clone()));
        let (platform, sms) = (Arc::new(Platform::default()), Arc::new(Sms::default()));
        let worker = Arc::new(Worker {
            store: store.clone(),
            identity: platform.clone(),
            sms: sms.clone(),
            registration: registration.clone(),
            clock: clock.clone(),
            settings: Settings {
                name: "test".to_owned(),
                lease: Duration::from_secs(60),
                backoff: Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) },
                breaker: BreakerPolicy { failures: 50, open_for: Duration::from_secs(20) },
                ..Settings::default()
            },
        });
        let service = Arc::new(Service::new(Parts {
            store: store.clone(),
            registration,
            sight,
            standards: [("chengkao".to_owned(), Arc::new(standard()))].into(),
            pixels: PixelPool::new(2, Duration::from_secs(20)),
            clock: clock.clone(),
            rules,
        }));
        let shutdown = CancellationToken::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = server::router(service.clone(), server::Settings::default(), shutdown.clone());
        tokio::spawn(server::connections::serve(
            listener,
            router,
            server::connections::Bounds::default(),
            shutdown.clone(),
        ));
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        Stage { database, store, clock, platform, sms, worker, service, address, client, shutdown }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The outbox is sent; the code of a phone is told.
    pub async fn code_of(&self, phone: &str) -> Option<String> {
        while self.worker.send_once().await.unwrap() {}
        self.sms.sent.lock().unwrap().iter().rev().find(|(p, _)| p == phone).map(|(_, code)| code.clone())
    }

    pub async fn ask_for_code(&self, phone: &str) -> Response {
        let url = self.url("/api/v1/login/code");
        self.client.post(url).json(&json!({ "phone": phone })).send().await.unwrap()
    }

    pub async fn log_in_with(&self, phone: &str, code: &str) -> Response {
        let body = json!({
            "phone": phone, "code": code, "agreement_version": "v1", "privacy_version": "v1",
        });
        self.client.post(self.url("/api/v1/login")).json(&body).send().await.unwrap()
    }

    /// Person `n`, logged in.
    pub async fn candidate(&self, n: u8) -> Candidate<'_> {
        let token = self.token(person(n).phone.as_str()).await;
        Candidate { stage: self, n, token }
    }

    /// A session of whoever registered with this phone.
    pub async fn token(&self, phone: &str) -> String {
        let asked = self.ask_for_code(phone).await;
        assert_eq!(asked.status(), 202, "{}", asked.text().await.unwrap());
        let code = self.code_of(phone).await.expect("a code was sent");
        let answer = self.log_in_with(phone, &code).await;
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
    }

    /// Everything that is due is done.
    pub async fn work(&self) {
        while self.worker.ask_once().await.unwrap() {}
        while self.worker.deliver_once().await.unwrap() {}
        while self.worker.send_once().await.unwrap() {}
    }
}

pub struct Candidate<'a> {
    pub stage: &'a Stage,
    pub n: u8,
    pub token: String,
}

impl Candidate<'_> {
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let url = self.stage.url(&format!("/api/v1{path}"));
        let mut request = self.stage.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    pub async fn post(&self, path: &str) -> Response {
        self.send(Method::POST, path, None).await
    }

    pub async fn upload(&self, path: &str, picture: Vec<u8>) -> Response {
        let form = Form::new().part("file", Part::bytes(picture).file_name("picture"));
        let url = self.stage.url(&format!("/api/v1{path}"));
        self.stage.client.post(url).bearer_auth(&self.token).multipart(form).send().await.unwrap()
    }

    pub async fn collection(&self) -> Value {
        self.send(Method::GET, "/collection", None).await.json().await.unwrap()
    }

    /// A step that must succeed; the collection then.
    pub async fn step(&self, path: &str) -> Value {
        ok(self.post(path).await, path).await
    }

    pub async fn shows(&self, path: &str, picture: Shows) -> Value {
        ok(self.upload(path, picture.png()).await, path).await
    }

    pub async fn up_to_confirmation(&self, card: u8) -> Value {
        self.shows("/collection/card/portrait", Shows::Portrait(card)).await;
        self.shows("/collection/card/emblem", Shows::Emblem(card)).await;
        self.step("/collection/card/hand-in").await
    }

    pub async fn consent(&self) -> Response {
        let body = json!({ "face_consent_version": "v1" });
        self.send(Method::POST, "/collection/verification", Some(body)).await
    }

    pub async fn photo_up_to_verification(&self) -> Value {
        let review = self.shows("/collection/photo", Shows::GoodPhoto).await;
        assert_eq!(review["state"], "review", "{review}");
        self.step("/collection/photo/submit").await;
        ok(self.consent().await, "consent").await
    }

    /// From login to the platform's answer.
    pub async fn up_to_verification(&self) -> Value {
        self.up_to_confirmation(self.n).await;
        assert_eq!(self.step("/collection/card/confirm").await["state"], "photo");
        self.photo_up_to_verification().await
    }
}

pub async fn ok(response: Response, what: &str) -> Value {
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{what}: {body}");
    body
}

/// A problem's body with what differs from run to run taken out.
pub async fn problem(response: Response) -> Value {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{status}");
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let mut body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["request_id"], id.as_str());
    assert!(body["message"]["zh"].as_str().unwrap().ends_with('。'), "{body}");
    assert!(body["message"]["en"].as_str().unwrap().ends_with('.'), "{body}");
    body.as_object_mut().unwrap().remove("request_id");
    body
}
