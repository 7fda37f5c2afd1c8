//! The vendor's official SDK calls the sandbox and gets its answers: both sides speak the vendor's protocol, not only each other's.

use std::{path::PathBuf, process::Stdio};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command};

use crate::running::{NOBODY, Running, picture};

/// The SDK's answers to calls at once, or nothing where it is not installed.
async fn sdk(calls: &[Value]) -> Option<Vec<Value>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let installed = here.join("../../.cache/vendor-sdk/.installed").is_file();
    let required = std::env::var_os("CI").is_some_and(|ci| ci == "true")
        || std::env::var_os("ZHAOYAN_REQUIRE_SDK").is_some_and(|v| v == "1");
    if !installed {
        assert!(!required, "the vendor's SDK is not installed");
        eprintln!("skipped: run `python3 crates/sandbox/tests/vendor_sdk.py install` for the vendor's SDK");
        return None;
    }
    let mut python = Command::new("python3")
        .arg(here.join("tests/vendor_sdk.py"))
        .arg("call")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env("NO_PROXY", "127.0.0.1")
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    for call in calls {
        stdin.write_all(format!("{call}\n").as_bytes()).await.unwrap();
    }
    drop(stdin);
    let output = python.wait_with_output().await.unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), calls.len());
    Some(answers)
}

fn call(sandbox: &Running, action: &str, parameters: Value) -> Value {
    json!({
        "endpoint": sandbox.url.trim_start_matches("http://"),
        "secret_id": sandbox.config.tencent.secret_id,
        "secret_key": sandbox.config.tencent.secret_key.expose(),
        "action": action,
        "parameters": parameters,
    })
}

#[tokio::test]
async fn the_sdk_sends_a_message() {
    let sandbox = Running::start().await;
    let send = json!({
        "PhoneNumberSet": ["+8613800000007", "12345"],
        "SmsSdkAppId": "1400000000",
        "SignName": "照验沙箱",
        "TemplateId": "100001",
        "TemplateParamSet": ["654321", "5"],
        "SessionContext": "s-7",
    });
    let mut without_template = send.clone();
    without_template.as_object_mut().unwrap().remove("TemplateId");
    let mut strange = call(&sandbox, "SendSms", send.clone());
    strange["secret_key"] = "another".into();
    let calls = [call(&sandbox, "SendSms", send), call(&sandbox, "SendSms", without_template), strange];
    let Some(answers) = sdk(&calls).await else { return };
    let status = &answers[0]["answer"]["SendStatusSet"];
    assert_eq!((&status[0]["Code"], &status[0]["SessionContext"]), (&json!("Ok"), &json!("s-7")));
    assert_eq!(status[1]["Code"], "InvalidParameterValue.IncorrectPhoneNumber");
    assert!(answers[0]["answer"]["RequestId"].is_string());
    assert_eq!(answers[1]["error"]["code"], "MissingParameter");
    assert_eq!(answers[2]["error"]["code"], "AuthFailure.SignatureFailure");
    let sent = sandbox.get("/sandbox/api/sms?phone=13800000007").await;
    assert_eq!(sent[0]["code"], "654321");
}

#[tokio::test]
async fn the_sdk_has_a_face_compared() {
    let sandbox = Running::start().await;
    let person = &sandbox.candidates[9].person;
    let ask = |picture: Vec<u8>, name: &str| {
        let parameters = json!({
            "IdCard": person.number,
            "Name": name,
            "ImageBase64": BASE64_STANDARD.encode(picture),
            "Extra": "0123456789",
        });
        call(&sandbox, "ImageRecognitionV2", parameters)
    };
    let mut long_extra = ask(picture(9), &person.name);
    long_extra["parameters"]["Extra"] = "01234567890".into();
    let calls = [
        ask(picture(9), &person.name),
        ask(picture(8), &person.name),
        ask(picture(9), "别人"),
        ask(picture(NOBODY), &person.name),
        long_extra,
    ];
    let Some(answers) = sdk(&calls).await else { return };
    let told = |i: usize| &answers[i]["answer"];
    assert_eq!((&told(0)["Result"], &told(0)["Extra"]), (&json!("Success"), &json!("0123456789")));
    assert!(told(0)["Sim"].as_f64().unwrap() >= 70.0);
    assert_eq!(told(1)["Result"], "FailedOperation.CompareLowSimilarity");
    assert!(told(1)["Sim"].as_f64().unwrap() < 70.0);
    assert_eq!(told(2)["Result"], "FailedOperation.IdNameMisMatch");
    assert_eq!(told(3)["Result"], "FailedOperation.LifePhotoDetectNoFaces");
    assert_eq!(answers[4]["error"]["code"], "InvalidParameterValue");
}
