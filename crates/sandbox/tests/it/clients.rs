//! Each client gets its answers, and its refusals are sorted rightly.

use domain::{IdNumber, PersonName, PhoneNumber};
use partners::{
    Secret,
    identity::{Answer, IdentityPlatform, Question, TencentFaceId},
    registration::{HttpRegistration, Pushed, RegistrationError, RegistrationSystem},
    sms::{CodeMessage, SmsError, SmsSender, TencentSms},
};
use uuid::Uuid;

use crate::running::{NOBODY, Running, SEVERAL, picture};

fn message(phone: &PhoneNumber) -> CodeMessage<'_> {
    CodeMessage { phone, code: "123456", minutes: 5, serial: "s-1" }
}

#[tokio::test]
async fn a_code_reaches_the_outbox() {
    let sandbox = Running::start().await;
    let phone = PhoneNumber::parse("13800000001").unwrap();
    let receipt = sandbox.sms().send_code(&message(&phone)).await.unwrap();
    assert!(!receipt.serial_no.is_empty());
    let sent = sandbox.get("/sandbox/api/sms?phone=13800000001").await;
    assert_eq!(
        (sent[0]["code"].as_str(), sent[0]["session_context"].as_str()),
        (Some("123456"), Some("s-1"))
    );
    assert!(sandbox.get("/sandbox/api/sms?phone=13800000002").await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn wrong_keys_are_a_misconfiguration_everywhere() {
    let sandbox = Running::start().await;
    let mut wrong = sandbox.config.partners(&sandbox.url);
    wrong.sms.credentials.secret_key = Secret::from("wrong");
    wrong.identity.credentials.secret_id = "AKIDnobody".into();
    wrong.registration.secret = Secret::from("wrong");
    let phone = PhoneNumber::parse("13800000001").unwrap();
    let sms = TencentSms::new(&wrong.sms).unwrap().send_code(&message(&phone)).await;
    assert_eq!(sms, Err(SmsError::Misconfigured { code: "AuthFailure.SignatureFailure".into() }));

    let (name, number) = (PersonName::parse("某人").unwrap(), IdNumber::parse("11010519491231002X").unwrap());
    let question = Question { attempt: Uuid::new_v4(), name: &name, number: &number, photo: &picture(0) };
    let answer = TencentFaceId::new(&wrong.identity).unwrap().verify(&question).await;
    assert_eq!(answer, Answer::Misconfigured { code: "AuthFailure.SecretIdNotFound".into() });

    // With different keys neither side can trust the other, so the answer's own signature fails as well.
    let found = HttpRegistration::new(&wrong.registration).unwrap().find_by_phone("sandbox", &phone).await;
    assert_eq!(found, Err(RegistrationError::BadAnswer { code: "answer.signature".into() }));
    wrong.registration = sandbox.config.partners(&sandbox.url).registration;
    wrong.registration.key_id = "another".into();
    let found = HttpRegistration::new(&wrong.registration).unwrap().find_by_phone("sandbox", &phone).await;
    assert_eq!(found, Err(RegistrationError::Misconfigured { code: "key_unknown".into() }));
}

#[tokio::test]
async fn a_person_is_confirmed_and_another_is_not() {
    let sandbox = Running::start().await;
    let answer = sandbox.ask(3, Uuid::new_v4(), &picture(3)).await;
    assert!(matches!(answer, Answer::Confirmed { similarity, .. } if similarity > 99.0), "{answer:?}");
    let answer = sandbox.ask(3, Uuid::new_v4(), &picture(4)).await;
    let Answer::SaysNo { similarity: Some(similarity), code, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(code, "FailedOperation.CompareLowSimilarity");
    assert!(similarity < 70.0);
}

#[tokio::test]
async fn what_cannot_be_compared_is_no_attempt() {
    let sandbox = Running::start().await;
    for (photo, code) in [
        (picture(NOBODY), "FailedOperation.LifePhotoDetectNoFaces"),
        (picture(SEVERAL), "FailedOperation.LifePhotoDetectFaces"),
        (b"no picture".to_vec(), "FailedOperation.ImageDecodeFailed"),
        (vec![0; 3 << 20], "FailedOperation.ImageSizeTooLarge"),
    ] {
        let answer = sandbox.ask(0, Uuid::new_v4(), &photo).await;
        assert_eq!(answer, Answer::PictureUnusable { code: code.into() });
    }
}

#[tokio::test]
async fn name_and_number_must_belong_together() {
    let sandbox = Running::start().await;
    let number = IdNumber::parse(&sandbox.candidates[0].person.number).unwrap();
    let name = PersonName::parse(&sandbox.candidates[1].person.name).unwrap();
    let photo = picture(0);
    let question = Question { attempt: Uuid::new_v4(), name: &name, number: &number, photo: &photo };
    let answer = sandbox.identity().verify(&question).await;
    assert!(matches!(&answer, Answer::SaysNo { code, .. } if code == "FailedOperation.IdNameMisMatch"));
    let nobodys = IdNumber::parse("11010519491231002X").unwrap();
    let answer = sandbox.identity().verify(&Question { number: &nobodys, ..question }).await;
    assert_eq!(answer, Answer::CannotVerify { code: "FailedOperation.IdNoExistSystem".into() });
}

#[tokio::test]
async fn asking_again_does_not_ask_twice() {
    let sandbox = Running::start().await;
    let attempt = Uuid::new_v4();
    let first = sandbox.ask(2, attempt, &picture(2)).await;
    assert!(matches!(first, Answer::Confirmed { .. }));
    let photo = picture(2);
    let (a, b) = tokio::join!(sandbox.ask(2, attempt, &photo), sandbox.ask(2, attempt, &photo));
    assert!(matches!((a, b), (Answer::Confirmed { .. }, Answer::Confirmed { .. })));
    let told = sandbox.get("/sandbox/api/identity").await;
    assert_eq!(told["compared"], 1);
    assert_eq!(told["asked"][0]["times"], 3);
    assert_eq!(told["asked"][0]["serial"], partners::identity::serial(attempt).as_str());
}

#[tokio::test]
async fn a_registration_is_found_by_its_phone_only() {
    let sandbox = Running::start().await;
    let system = sandbox.registration();
    for candidate in &sandbox.candidates {
        let found = system.find_by_phone("sandbox", &candidate.phone).await.unwrap();
        assert_eq!(found.as_ref(), Some(&candidate.registration));
    }
    let nobody = PhoneNumber::parse("13900000000").unwrap();
    assert_eq!(system.find_by_phone("sandbox", &nobody).await, Ok(None));
    let other = system.find_by_phone("another", &nobody).await;
    assert_eq!(other, Err(RegistrationError::Misconfigured { code: "exam_session_unknown".into() }));
}

#[tokio::test]
async fn a_result_is_taken_once_and_overwrites() {
    let sandbox = Running::start().await;
    let system = sandbox.registration();
    let result = sandbox.result(6, "key-1");
    assert_eq!(system.push(&result).await, Ok(Pushed::Taken));
    assert_eq!(system.push(&result).await, Ok(Pushed::TakenBefore));
    let record = sandbox.get(&format!("/sandbox/api/registrations/{}", result.registration_id)).await;
    assert_eq!(record["results"].as_array().unwrap().len(), 1);
    assert_eq!(record["results"][0]["deliveries"], 2);
    assert_eq!(
        (&record["now"]["ethnicity"], &record["now"]["address"]),
        (&"苗".into(), &"某市某路1号".into())
    );
    assert_ne!(record["before"]["address"], record["now"]["address"]);

    let mut other = sandbox.result(6, "key-1");
    other.address = None;
    let refused = |code: &str| Err(RegistrationError::Refused { code: code.into() });
    assert_eq!(system.push(&other).await, refused("idempotency_mismatch"));
    other.idempotency_key = "key-2".into();
    other.registration_id = "nobody".into();
    assert_eq!(system.push(&other).await, refused("registration_unknown"));
    other.photo = vec![0; 1 << 20];
    assert_eq!(system.push(&other).await, refused("too_large"));
    other.idempotency_key = "line\nfeed".into();
    assert_eq!(system.push(&other).await, refused("idempotency_key_malformed"));
}

#[tokio::test]
async fn registrations_and_results_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let config = sandbox::SandboxConfig { data_dir: Some(dir.path().into()), ..Default::default() };
    let first =
        Running::with(config.clone(), std::sync::Arc::new(crate::running::ColourFaces::default())).await;
    let result = first.result(5, "key-1");
    assert_eq!(first.registration().push(&result).await, Ok(Pushed::Taken));
    drop(first);
    let second = Running::with(config, std::sync::Arc::new(crate::running::ColourFaces::default())).await;
    assert_eq!(second.registration().push(&result).await, Ok(Pushed::TakenBefore));
    let found = second.registration().find_by_phone("sandbox", &second.candidates[5].phone).await.unwrap();
    assert_eq!(found.unwrap().address.as_deref(), Some("某市某路1号"));
}

#[tokio::test]
async fn a_recorded_request_cannot_be_played_again() {
    use partners::registration::signing::{
        KEY_HEADER, NONCE_HEADER, Request, SIGNATURE_HEADER, TIMESTAMP_HEADER, nonce,
    };
    let sandbox = Running::start().await;
    let body = br#"{"exam_session":"sandbox","phone":"13800000001"}"#;
    let (nonce, now) = (nonce(), jiff::Timestamp::now().as_second());
    let send = async |timestamp: i64, nonce: &str| {
        let request = Request {
            key_id: &sandbox.config.registration_key_id,
            method: "POST",
            path: "/registration/lookup",
            timestamp,
            nonce,
            idempotency_key: "",
            body,
        };
        let answer = sandbox
            .http
            .post(format!("{}/registration/lookup", sandbox.url))
            .header(KEY_HEADER, request.key_id)
            .header(TIMESTAMP_HEADER, timestamp)
            .header(NONCE_HEADER, nonce)
            .header(SIGNATURE_HEADER, request.sign(&sandbox.config.registration_secret))
            .body(&body[..])
            .send()
            .await
            .unwrap();
        let answer: serde_json::Value = answer.json().await.unwrap();
        answer["code"].as_str().map(str::to_owned)
    };
    assert_eq!(send(now, &nonce).await, None);
    assert_eq!(send(now, &nonce).await.as_deref(), Some("nonce_replayed"));
    assert_eq!(send(now - 400, &nonce.replace('a', "b")).await.as_deref(), Some("clock_skewed"));
    assert_eq!(send(now, "short").await.as_deref(), Some("nonce_replayed"));
}
