//! Whatever a switch does, nothing of it counts as an attempt, and what was lost on the way is not done twice.

use partners::{
    identity::Answer,
    registration::{Pushed, RegistrationError, RegistrationSystem},
    sms::{CodeMessage, SmsError, SmsSender},
};
use serde_json::json;
use uuid::Uuid;

use crate::running::{Running, picture};

#[tokio::test]
async fn no_failure_of_the_platform_is_an_attempt() {
    let sandbox = Running::start().await;
    // A refusal, were it answered: the photo is somebody else's.
    for (switch, code) in [
        (json!({"outage": "unavailable"}), "http.503"),
        (json!({"outage": "hang_up"}), "transport.broken"),
        (json!({"garbage": true}), "answer.malformed"),
        (json!({"lose_answer": true}), "transport.broken"),
        (json!({"error": "InternalError"}), "InternalError"),
        (json!({"error": "RequestLimitExceeded"}), "RequestLimitExceeded"),
        (json!({"error": "FailedOperation.NeverHeardOf"}), "FailedOperation.NeverHeardOf"),
        (json!({"error": "<b>FailedOperation.IdNameMisMatch</b>"}), "answer.malformed"),
    ] {
        sandbox.set_switches(json!({"identity": switch})).await;
        let answer = sandbox.ask(0, Uuid::new_v4(), &picture(1)).await;
        assert_eq!(answer, Answer::AskAgain { code: code.into() }, "{switch}");
    }
    for (switch, code) in [
        (json!({"bad_signature": true}), "AuthFailure.SignatureFailure"),
        (json!({"error": "UnauthorizedOperation.Arrears"}), "UnauthorizedOperation.Arrears"),
    ] {
        sandbox.set_switches(json!({"identity": switch})).await;
        let answer = sandbox.ask(0, Uuid::new_v4(), &picture(1)).await;
        assert_eq!(answer, Answer::Misconfigured { code: code.into() }, "{switch}");
    }
    sandbox.set_switches(json!({"identity": {}})).await;
    assert!(sandbox.ask(0, Uuid::new_v4(), &picture(1)).await.is_attempt());
}

#[tokio::test]
async fn slowness_beyond_the_patience_is_a_timeout() {
    let sandbox = Running::start().await;
    sandbox.set_switches(json!({"identity": {"slow_ms": 2000}})).await;
    let mut config = sandbox.config.partners(&sandbox.url).identity;
    config.transport.timeout_ms = 200;
    let person = &sandbox.candidates[0].person;
    let name = domain::PersonName::parse(&person.name).unwrap();
    let number = domain::IdNumber::parse(&person.number).unwrap();
    let photo = picture(0);
    let question =
        partners::identity::Question { attempt: Uuid::new_v4(), name: &name, number: &number, photo: &photo };
    let client = partners::identity::TencentFaceId::new(&config).unwrap();
    let answer = partners::identity::IdentityPlatform::verify(&client, &question).await;
    assert_eq!(answer, Answer::AskAgain { code: "transport.timeout".into() });
}

#[tokio::test]
async fn a_platform_that_is_gone_is_asked_again() {
    let sandbox = Running::start().await;
    let mut config = sandbox.config.partners(&sandbox.url);
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    config.registration.endpoint = format!("http://{free}/");
    let system = partners::registration::HttpRegistration::new(&config.registration).unwrap();
    let found = system.find_by_phone("sandbox", &sandbox.candidates[0].phone).await;
    assert_eq!(found, Err(RegistrationError::Unavailable { code: "transport.connect".into() }));
}

#[tokio::test]
async fn a_lost_answer_is_had_by_asking_again_without_asking_twice() {
    let sandbox = Running::start().await;
    sandbox.set_switches(json!({"identity": {"lose_answer": true, "times": 2}})).await;
    let attempt = Uuid::new_v4();
    for _ in 0..2 {
        let lost = sandbox.ask(0, attempt, &picture(1)).await;
        assert_eq!(lost, Answer::AskAgain { code: "transport.broken".into() });
    }
    assert!(sandbox.ask(0, attempt, &picture(1)).await.is_attempt());
    let told = sandbox.get("/sandbox/api/identity").await;
    assert_eq!((&told["compared"], &told["asked"][0]["times"]), (&json!(1), &json!(3)));
}

#[tokio::test]
async fn a_result_whose_receipt_was_lost_is_taken_once() {
    let sandbox = Running::start().await;
    let (system, result) = (sandbox.registration(), sandbox.result(0, "key-1"));
    sandbox.set_switches(json!({"registration": {"lose_answer": true, "times": 1}})).await;
    let lost = system.push(&result).await;
    assert_eq!(lost, Err(RegistrationError::Unavailable { code: "transport.broken".into() }));
    assert_eq!(system.push(&result).await, Ok(Pushed::TakenBefore));
}

#[tokio::test]
async fn an_answer_that_cannot_be_trusted_is_no_answer() {
    let sandbox = Running::start().await;
    let (system, phone) = (sandbox.registration(), &sandbox.candidates[0].phone);
    let bad = |code: &str| RegistrationError::BadAnswer { code: code.into() };
    let unavailable = |code: &str| RegistrationError::Unavailable { code: code.into() };
    let refused = |code: &str| RegistrationError::Refused { code: code.into() };
    for (switch, error, again) in [
        (json!({"bad_signature": true}), bad("answer.signature"), true),
        (json!({"garbage": true}), bad("answer.unsigned"), true),
        (json!({"outage": "unavailable"}), unavailable("http.503"), true),
        (json!({"outage": "hang_up"}), unavailable("transport.broken"), true),
        (json!({"error": "maintenance"}), unavailable("maintenance"), true),
        (json!({"error": "registration_unknown"}), refused("registration_unknown"), false),
        (
            json!({"error": "exam_session_unknown"}),
            RegistrationError::Misconfigured { code: "exam_session_unknown".into() },
            true,
        ),
    ] {
        sandbox.set_switches(json!({"registration": switch})).await;
        let found = system.find_by_phone("sandbox", phone).await;
        assert_eq!(found, Err(error.clone()), "{switch}");
        assert_eq!(error.may_ask_again(), again);
    }
}

#[tokio::test]
async fn sms_failures_are_sorted() {
    let sandbox = Running::start().await;
    let message = CodeMessage { phone: &sandbox.candidates[0].phone, code: "1", minutes: 5, serial: "s" };
    let again = |code: &str| SmsError::AskAgain { code: code.into() };
    for (switch, error) in [
        (json!({"outage": "unavailable"}), again("http.503")),
        (json!({"garbage": true}), again("answer.malformed")),
        (json!({"error": "InternalError.Timeout"}), again("InternalError.Timeout")),
        (
            json!({"error": "LimitExceeded.PhoneNumberDailyLimit"}),
            SmsError::TooMany { code: "LimitExceeded.PhoneNumberDailyLimit".into() },
        ),
        (
            json!({"error": "FailedOperation.InsufficientBalanceInSmsPackage"}),
            SmsError::Misconfigured { code: "FailedOperation.InsufficientBalanceInSmsPackage".into() },
        ),
    ] {
        sandbox.set_switches(json!({"sms": switch})).await;
        assert_eq!(sandbox.sms().send_code(&message).await, Err(error), "{switch}");
    }
    assert!(sandbox.get("/sandbox/api/sms").await.as_array().unwrap().is_empty());
}
