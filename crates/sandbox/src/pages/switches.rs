//! The switches by which each simulated system fails.

use axum::{
    Form,
    extract::State,
    response::{Html, Redirect},
};
use serde::Deserialize;

use super::{both, escape, page};
use crate::{
    server::Shared,
    switches::{NewPositions, Outage, Partner, Switch},
};

/// `GET /sandbox/switches`
pub(crate) async fn show(State(sandbox): State<Shared>) -> Html<String> {
    let all = sandbox.switches.positions();
    let forms: String = [
        ("sms", both("短信", "SMS"), all.sms),
        ("identity", both("可信身份认证平台", "Identity platform"), all.identity),
        ("registration", both("报名系统", "Registration system"), all.registration),
    ]
    .iter()
    .map(|(partner, title, switch)| form(partner, title, switch))
    .collect();
    page("故障开关", &forms)
}

fn form(partner: &str, title: &str, switch: &Switch) -> String {
    let outages = [
        (None, "", both("正常", "None")),
        (Some(Outage::Unavailable), "unavailable", both("503", "HTTP 503")),
        (Some(Outage::HangUp), "hang_up", both("断开连接", "Connection closed")),
    ];
    let options: String = outages
        .iter()
        .map(|(outage, value, text)| {
            let selected = if *outage == switch.outage { " selected" } else { "" };
            format!(
                "<option value=\"{value}\"{selected}>{}</option>",
                text.replace("<small lang=\"en\">", "").replace("</small>", "")
            )
        })
        .collect();
    let tick = |name: &str, on: bool, text: String| {
        let checked = if on { " checked" } else { "" };
        format!(
            "<label for=\"{partner}-{name}\">{text}</label><input type=\"checkbox\" id=\"{partner}-{name}\" name=\"{name}\" value=\"true\"{checked}>"
        )
    };
    let field = |name: &str, value: String, text: String| {
        format!(
            "<label for=\"{partner}-{name}\">{text}</label><input id=\"{partner}-{name}\" name=\"{name}\" value=\"{}\">",
            escape(&value)
        )
    };
    let state = if switch.is_on() { both("已开启", "On") } else { both("正常", "All well") };
    format!(
        "<fieldset><legend>{title}：{state}</legend><form method=\"post\" class=\"fields\">\
         <input type=\"hidden\" name=\"partner\" value=\"{partner}\">\
         <label for=\"{partner}-outage\">{outage}</label><select id=\"{partner}-outage\" name=\"outage\">{options}</select>\
         {slow}{error}{garbage}{signature}{lose}{times}<span></span><button>设置 Set</button></form></fieldset>",
        outage = both("中断", "Outage"),
        slow = field("slow_ms", switch.slow_ms.to_string(), both("延迟（毫秒）", "Delay, ms")),
        error = field("error", switch.error.clone().unwrap_or_default(), both("返回错误码", "Error code")),
        garbage = tick("garbage", switch.garbage, both("返回乱码", "Garbage")),
        signature = tick("bad_signature", switch.bad_signature, both("签名错误", "Bad signature")),
        lose =
            tick("lose_answer", switch.lose_answer, both("处理后丢失应答", "Answer lost after processing")),
        times = field(
            "times",
            switch.times.map_or(String::new(), |t| t.to_string()),
            both("仅前几次（空为一直）", "For so many calls; empty: for good"),
        ),
    )
}

#[derive(Deserialize)]
pub(crate) struct SwitchForm {
    partner: Partner,
    #[serde(default)]
    outage: String,
    #[serde(default)]
    slow_ms: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    garbage: bool,
    #[serde(default)]
    bad_signature: bool,
    #[serde(default)]
    lose_answer: bool,
    #[serde(default)]
    times: String,
}

/// `POST /sandbox/switches`
pub(crate) async fn set(State(sandbox): State<Shared>, Form(form): Form<SwitchForm>) -> Redirect {
    let switch = Switch {
        outage: match form.outage.as_str() {
            "unavailable" => Some(Outage::Unavailable),
            "hang_up" => Some(Outage::HangUp),
            _ => None,
        },
        slow_ms: form.slow_ms.trim().parse().unwrap_or(0),
        error: Some(form.error.trim().to_owned()).filter(|e| !e.is_empty()),
        garbage: form.garbage,
        bad_signature: form.bad_signature,
        lose_answer: form.lose_answer,
        times: form.times.trim().parse().ok(),
    };
    let mut new = NewPositions::default();
    match form.partner {
        Partner::Sms => new.sms = Some(switch),
        Partner::Identity => new.identity = Some(switch),
        Partner::Registration => new.registration = Some(switch),
    }
    sandbox.switches.set(new);
    Redirect::to("/sandbox/switches")
}
